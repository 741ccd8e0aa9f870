import type { Answer } from './statusRequest'

export const INTERVAL_MS = 5_000
const FIRST_RETRY_MS = 1_000
const LONGEST_PAUSE_MS = 30_000

/** Milliseconds until the next question: steady after a report, doubling after failures, never sooner than the server asked. */
export function pauseAfter(answer: Answer, failuresInARow: number): number {
  if (answer.kind === 'report') return INTERVAL_MS
  const doubled = FIRST_RETRY_MS * 2 ** Math.max(0, failuresInARow - 1)
  return Math.min(LONGEST_PAUSE_MS, Math.max(doubled, answer.retryAfterMs ?? 0))
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
