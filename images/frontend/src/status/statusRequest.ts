import { readReport, type PlatformReport } from './platformStatus'

/** How one question to the API ended. Durations in milliseconds; `retryAfterMs` is the server's own wish. */
export type Answer =
  | { kind: 'report'; report: PlatformReport; latencyMs: number }
  | { kind: 'failure'; reason: string; retryAfterMs?: number }

const PATIENCE_MS = 8_000

/** Ask once. Every failure is an answer too, except the abort of `signal`, which rejects. */
export async function askStatus(signal: AbortSignal, fetcher: typeof fetch = fetch): Promise<Answer> {
  const patience = AbortSignal.timeout(PATIENCE_MS)
  const start = performance.now()
  try {
    const response = await fetcher('/api/status', {
      signal: AbortSignal.any([signal, patience]),
      headers: { accept: 'application/json' },
      cache: 'no-store',
    })
    // A degraded platform may answer 503 and still say which service is missing.
    const report = readReport(await response.json().catch(() => null))
    if (report) return { kind: 'report', report, latencyMs: performance.now() - start }
    return { kind: 'failure', reason: reasonFor(response.status), ...retryAfter(response) }
  } catch (error) {
    if (signal.aborted) throw error
    if (patience.aborted) return { kind: 'failure', reason: `It did not answer within ${PATIENCE_MS / 1000} seconds. This page keeps asking.` }
    return { kind: 'failure', reason: 'This browser has no connection to the server. This page keeps asking.' }
  }
}

function reasonFor(status: number): string {
  if (status >= 502 && status <= 504) return 'It may be starting or being replaced. This page keeps asking.'
  return `Something answered ${status} in its place. This page keeps asking.`
}

function retryAfter(response: Response): { retryAfterMs?: number } {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? { retryAfterMs: seconds * 1000 } : {}
}
