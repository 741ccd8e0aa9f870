import { Failure, failureFrom } from './failure'

/** A write may wait for a language model; nginx gives up after 75 seconds. */
const PATIENCE_MS = { GET: 20_000, POST: 80_000, DELETE: 20_000 }

let sessionLost = (): void => undefined

/** What happens when the API no longer knows who asks. */
export function onSessionLost(listener: () => void): void {
  sessionLost = listener
}

export async function request<T>(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  { body, signal }: { body?: unknown; signal?: AbortSignal } = {},
): Promise<T> {
  const patience = AbortSignal.timeout(PATIENCE_MS[method])
  const init: RequestInit = {
    method,
    signal: signal ? AbortSignal.any([signal, patience]) : patience,
    headers: body === undefined ? { accept: 'application/json' } : { accept: 'application/json', 'content-type': 'application/json' },
    cache: 'no-store',
  }
  if (body !== undefined) init.body = JSON.stringify(body)
  const response = await fetch(path, init).catch((error: unknown) => {
    if (signal?.aborted) throw error
    throw patience.aborted ? failureFrom(504, { detail: 'The server took too long to answer.' }) : failureFrom(0)
  })
  // A body cut short is no answer either; an empty one is, for 204.
  const content: unknown = await response.json().catch(() => null)
  if (signal?.aborted) throw signal.reason
  if (response.ok && (content !== null || response.status === 204)) return content as T
  throw refusal(path, response.ok ? 502 : response.status, content, response.headers.get('retry-after'))
}

/** The failure in an answer; a session that is over is told to whoever listens. */
export function refusal(path: string, status: number, body: unknown, retryAfter: string | null): Failure {
  // Signing in with a wrong password ends no session.
  if (status === 401 && path !== '/api/session') sessionLost()
  return failureFrom(status, body, retryAfter)
}

export const post = <T>(path: string, body: unknown = {}): Promise<T> => request<T>('POST', path, { body })
export const remove = (path: string): Promise<void> => request<void>('DELETE', path)
