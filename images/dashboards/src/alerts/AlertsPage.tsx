import { Alert as Notice, Box, Chip, Link, Paper, Stack, Typography } from '@mui/material'
import { useEffect } from 'react'
import { Link as RouterLink } from 'react-router-dom'
import { ago, runbookPage, type Alert } from './alerts'
import { useAlerts } from './useAlerts'

const LABELS = ['service', 'store', 'job', 'objective', 'integration']

/** Everything that fires, and what to do about it. */
export function AlertsPage() {
  const { data, error } = useAlerts()
  useEffect(() => {
    document.title = 'Alerts'
  }, [])
  return (
    <Stack gap={1.5} sx={{ maxWidth: 960 }}>
      <Box>
        <Typography variant="h2" component="h1">
          Alerts
        </Typography>
        <Typography color="text.secondary">What fires now. A page wakes somebody; a ticket waits for the morning.</Typography>
      </Box>
      {error != null && <Notice severity="error">Alertmanager cannot be asked. {(error as Error).message}</Notice>}
      {data && !data.watched && (
        <Notice severity="warning">
          The watchdog, an alert that always fires, has not arrived: Prometheus or its way to Alertmanager is broken, and
          other alerts would not arrive either.
        </Notice>
      )}
      {data?.watched && data.alerts.length === 0 && <Notice severity="success">Nothing fires, and the watchdog is heard.</Notice>}
      {data?.alerts.map((alert) => <Card key={alert.fingerprint} alert={alert} />)}
    </Stack>
  )
}

function Card({ alert }: { alert: Alert }) {
  const { labels, annotations, status, startsAt } = alert
  const page = runbookPage(annotations.runbook)
  return (
    <Paper variant="outlined" sx={{ p: 1.5, opacity: status.state === 'suppressed' ? 0.6 : 1 }}>
      <Stack direction="row" gap={1} alignItems="center" flexWrap="wrap">
        <Chip size="small" color={labels.severity === 'page' ? 'error' : 'warning'} label={labels.severity} />
        <Typography variant="h3">{annotations.summary ?? labels.alertname}</Typography>
        <Typography color="text.secondary" sx={{ ml: 'auto' }} title={startsAt}>
          {ago(startsAt, Date.now())}
        </Typography>
      </Stack>
      <Typography sx={{ my: 0.75 }}>{annotations.description}</Typography>
      <Stack direction="row" gap={1} alignItems="center" flexWrap="wrap">
        {page && (
          <Link component={RouterLink} to={page}>
            What to do
          </Link>
        )}
        <Typography color="text.secondary">
          {labels.alertname}
          {LABELS.filter((name) => labels[name]).map((name) => ` · ${name} ${labels[name]}`)}
          {status.state === 'suppressed' && ' · not told, since another alert explains it'}
        </Typography>
      </Stack>
    </Paper>
  )
}
