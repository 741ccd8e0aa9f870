import { request } from '../request'

/** An alert as Alertmanager tells it, as far as it is shown. */
export interface Alert {
  fingerprint: string
  startsAt: string
  labels: Record<string, string>
  annotations: Record<string, string>
  status: { state: 'active' | 'suppressed' | 'unprocessed' }
}

/** What people are told about, and whether the watchdog, which always fires, came through. */
export interface Firing {
  alerts: Alert[]
  watched: boolean
}

const URGENCY = ['page', 'ticket']
const WATCHDOG = 'Watchdog'

/** What fires now, the most urgent first and then the newest. */
export async function firing(): Promise<Firing> {
  return sorted(await (await request('/alertmanager/api/v2/alerts')).json())
}

export function sorted(all: Alert[]): Firing {
  const alerts = all.filter(({ labels }) => labels.severity !== 'none')
  alerts.sort((a, b) => urgency(a) - urgency(b) || b.startsAt.localeCompare(a.startsAt))
  return { alerts, watched: all.some(({ labels }) => labels.alertname === WATCHDOG) }
}

function urgency({ labels, status }: Alert): number {
  const place = URGENCY.indexOf(labels.severity ?? '')
  return (place < 0 ? URGENCY.length : place) + (status.state === 'suppressed' ? 10 : 0)
}

/** The page here that shows the runbook at a path such as docs/runbooks/PostgresDown.md. */
export function runbookPage(path: string | undefined): string | undefined {
  const name = path?.match(/([A-Za-z0-9]+)\.md$/)?.[1]
  return name && `/runbooks/${name}`
}

/** How long ago something was, in its largest unit. */
export function ago(since: string, now: number): string {
  const minutes = Math.max(0, Math.floor((now - Date.parse(since)) / 60_000))
  if (minutes < 1) return 'just now'
  if (minutes < 60) return `${minutes} min`
  return minutes < 2880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} d`
}
