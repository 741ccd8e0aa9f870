import { Box, Button, Chip, Divider, List, ListItemButton, ListItemText, Stack, Typography } from '@mui/material'
import type { PaletteMode } from '@mui/material'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { NavLink, useLocation } from 'react-router-dom'
import { useFiring } from './alerts/useAlerts'
import { menu } from './dashboards/files'

const ELSEWHERE = [
  { text: 'Logs', href: '/logs/select/vmui/' },
  { text: 'Traces', href: '/zipkin/' },
]

/** The menu at the left, or above on a narrow screen, and a page beside it. */
export function Shell(props: { mode: PaletteMode; onToggleMode: () => void; children: ReactNode }) {
  const { search } = useLocation()
  const { data: dashboards = [], isError } = useQuery({ queryKey: ['menu'], queryFn: menu })
  const firing = useFiring()
  return (
    <Stack direction={{ xs: 'column', md: 'row' }} sx={{ minHeight: '100vh' }}>
      <Box
        component="nav"
        sx={{
          width: { md: 216 },
          flexShrink: 0,
          borderStyle: 'solid',
          borderWidth: { xs: '0 0 1px', md: '0 1px 0 0' },
          borderColor: 'divider',
          position: { md: 'sticky' },
          top: 0,
          height: { md: '100vh' },
          overflow: 'auto',
          px: 1,
          py: 1.5,
        }}
      >
        <Typography variant="h3" component="p" sx={{ px: 1, pb: 1 }}>
          Market Research
        </Typography>
        {isError && <Typography sx={{ px: 1 }}>The list of dashboards cannot be read.</Typography>}
        <List dense disablePadding sx={{ display: { xs: 'flex', md: 'block' }, flexWrap: 'wrap' }}>
          {dashboards.map(({ uid, title }) => (
            <Entry key={uid} to={`/${uid}${search}`} text={title} />
          ))}
          <Divider sx={{ my: 1, width: '100%' }} />
          <Entry
            to="/alerts"
            text="Alerts"
            extra={firing ? <Chip size="small" color="error" label={firing} /> : undefined}
          />
          {ELSEWHERE.map(({ text, href }) => (
            <ListItemButton key={text} component="a" href={href} target="_blank" rel="noreferrer" sx={ENTRY}>
              <ListItemText primary={`${text} ↗`} />
            </ListItemButton>
          ))}
        </List>
        <Divider sx={{ my: 1 }} />
        <Button size="small" color="inherit" onClick={props.onToggleMode} sx={{ textTransform: 'none' }}>
          {props.mode === 'dark' ? 'Light' : 'Dark'} colours
        </Button>
      </Box>
      <Box component="main" sx={{ flexGrow: 1, minWidth: 0, px: 2, py: 1.5 }}>
        {props.children}
      </Box>
    </Stack>
  )
}

const ENTRY = { borderRadius: 1, py: 0.25, px: 1, width: 'auto' }

function Entry({ to, text, extra }: { to: string; text: string; extra?: ReactNode }) {
  const { pathname } = useLocation()
  return (
    <ListItemButton component={NavLink} to={to} selected={to.split('?')[0] === pathname} sx={ENTRY}>
      <ListItemText primary={text} />
      {extra}
    </ListItemButton>
  )
}
