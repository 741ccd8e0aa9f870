import { expect, test } from 'vitest'
import { ago, runbookPage, sorted, type Alert } from './alerts'

function alert(alertname: string, severity: string, startsAt: string, state: Alert['status']['state'] = 'active'): Alert {
  return { fingerprint: alertname, startsAt, labels: { alertname, severity }, annotations: {}, status: { state } }
}

test('pages come before tickets, newer before older, and what another explains comes last', () => {
  const names = sorted([
    alert('OldTicket', 'ticket', '2026-01-01T00:00:00Z'),
    alert('Follows', 'page', '2026-01-03T00:00:00Z', 'suppressed'),
    alert('Page', 'page', '2026-01-01T00:00:00Z'),
    alert('NewTicket', 'ticket', '2026-01-02T00:00:00Z'),
  ]).alerts.map(({ labels }) => labels.alertname)
  expect(names).toEqual(['Page', 'NewTicket', 'OldTicket', 'Follows'])
})

test('the watchdog is not an alert, but it is missed', () => {
  expect(sorted([alert('Watchdog', 'none', '2026-01-01T00:00:00Z')])).toEqual({ alerts: [], watched: true })
  expect(sorted([]).watched).toBe(false)
})

test('a runbook is a page here, whatever stands before its name', () => {
  expect(runbookPage('docs/runbooks/PostgresDown.md')).toBe('/runbooks/PostgresDown')
  expect(runbookPage('somewhere else')).toBeUndefined()
  expect(runbookPage(undefined)).toBeUndefined()
})

test('a time is told in its largest unit', () => {
  const now = Date.parse('2026-01-10T00:00:00Z')
  const told = ['2026-01-09T23:59:40Z', '2026-01-09T23:18:00Z', '2026-01-09T00:00:00Z', '2026-01-02T12:00:00Z']
  expect(told.map((since) => ago(since, now))).toEqual(['just now', '42 min', '24 h', '7 d'])
})
