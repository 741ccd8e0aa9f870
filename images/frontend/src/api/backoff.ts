const FIRST_RETRY_MS = 1_000
const LONGEST_PAUSE_MS = 30_000

/** Milliseconds until the next try: doubling, never sooner than the server asked, never longer than people wait. */
export function backoff(failuresInARow: number, retryAfterMs: number | null): number {
  const doubled = FIRST_RETRY_MS * 2 ** Math.max(0, failuresInARow - 1)
  return Math.min(LONGEST_PAUSE_MS, Math.max(doubled, retryAfterMs ?? 0))
}
