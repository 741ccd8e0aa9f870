import { backoff } from './backoff'
import { Failure } from './failure'
import { request } from './request'

type Ask<T> = (signal: AbortSignal) => Promise<T>

/** Read until there is an answer, through every failure that passes by itself; each is told to `onPassing`. */
export async function readPatiently<T>(
  path: string,
  signal: AbortSignal,
  onPassing: (failure: Failure) => void,
  ask: Ask<T> = (each) => request<T>('GET', path, { signal: each }),
): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await ask(signal)
    } catch (error) {
      if (signal.aborted || !(error instanceof Failure) || !error.passing) throw error
      onPassing(error)
      await pause(backoff(failures, error.retryAfterMs), signal)
    }
  }
}

/** Ends early when the browser is connected again; rejects when `signal` is aborted. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (then: () => void) => () => {
      clearTimeout(timer)
      globalThis.removeEventListener?.('online', goOn)
      signal.removeEventListener('abort', giveUp)
      then()
    }
    const goOn = end(resolve)
    const giveUp = end(() => reject(signal.reason as Error))
    const timer = setTimeout(goOn, milliseconds)
    globalThis.addEventListener?.('online', goOn)
    signal.addEventListener('abort', giveUp)
  })
}
