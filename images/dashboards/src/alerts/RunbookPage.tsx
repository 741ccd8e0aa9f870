import { Alert, Box, Link, Typography } from '@mui/material'
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { Link as RouterLink, useParams } from 'react-router-dom'
import { request } from '../request'
import { blocks, spans, type Block } from './markdown'

/** What to do about an alert: the text that the checkout has in docs/runbooks. */
export function RunbookPage() {
  const { name = '' } = useParams()
  const { data, error } = useQuery({
    queryKey: ['runbook', name],
    queryFn: async () => (await request(`/runbooks/${encodeURIComponent(name)}.md`)).text(),
  })
  useEffect(() => {
    document.title = name
  }, [name])
  return (
    <Box sx={{ maxWidth: 760 }}>
      <Link component={RouterLink} to="/alerts">
        All alerts
      </Link>
      {error != null && (
        <Alert severity="info" sx={{ mt: 1 }}>
          This stack does not bring the text along. The checkout has it: docs/runbooks/{name}.md
        </Alert>
      )}
      {data !== undefined && blocks(data).map((block, place) => <Shown key={place} block={block} />)}
    </Box>
  )
}

function Shown({ block }: { block: Block }) {
  switch (block.kind) {
    case 'heading':
      return (
        <Typography variant={block.level === 1 ? 'h1' : 'h3'} component={block.level === 1 ? 'h1' : 'h2'} sx={{ mt: 2, mb: 1 }}>
          <Line text={block.text} />
        </Typography>
      )
    case 'paragraph':
      return (
        <Typography sx={{ my: 1 }}>
          <Line text={block.text} />
        </Typography>
      )
    case 'list':
      return (
        <Box component={block.ordered ? 'ol' : 'ul'} sx={{ my: 1, pl: 3 }}>
          {block.items.map((item, place) => (
            <Typography key={place} component="li">
              <Line text={item} />
            </Typography>
          ))}
        </Box>
      )
    case 'code':
      return (
        <Box component="pre" sx={{ p: 1.5, overflow: 'auto', borderRadius: 1, bgcolor: 'action.hover', fontSize: 13 }}>
          {block.text}
        </Box>
      )
  }
}

function Line({ text }: { text: string }) {
  return spans(text).map((piece, place) => {
    if (place % 2 === 0) return piece
    return piece.startsWith('**') ? <strong key={place}>{piece.slice(2, -2)}</strong> : <code key={place}>{piece.slice(1, -1)}</code>
  })
}
