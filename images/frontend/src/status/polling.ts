import { backoff } from '../api/backoff'
import type { Answer } from './statusRequest'

export const INTERVAL_MS = 5_000

/** Milliseconds until the next question: steady after a report, doubling after failures, never sooner than the server asked. */
export function pauseAfter(answer: Answer, failuresInARow: number): number {
  return answer.kind === 'report' ? INTERVAL_MS : backoff(failuresInARow, answer.retryAfterMs ?? null)
}

export interface Polling {
  /** Ask now, dropping the question under way and the pause. */
  askNow(): void
  stop(): void
}

/** Ask again and again, one question at a time, and hand every answer to `onAnswer`. */
export function poll(ask: (signal: AbortSignal) => Promise<Answer>, onAnswer: (answer: Answer) => void): Polling {
  let failures = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let question = new AbortController()

  async function askOnce(): Promise<void> {
    clearTimeout(timer)
    question.abort()
    const mine = (question = new AbortController())
    const answer = await ask(mine.signal).catch(() => null)
    if (mine.signal.aborted || !answer) return
    failures = answer.kind === 'failure' ? failures + 1 : 0
    onAnswer(answer)
    timer = setTimeout(() => void askOnce(), pauseAfter(answer, failures))
  }

  void askOnce()
  return {
    askNow: () => void askOnce(),
    stop: () => {
      clearTimeout(timer)
      question.abort()
    },
  }
}
