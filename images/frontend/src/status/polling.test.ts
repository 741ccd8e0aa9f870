import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { INTERVAL_MS, pauseAfter, poll } from './polling'
import type { Answer } from './statusRequest'

const GOOD: Answer = { kind: 'report', report: { apiState: 'up', serving: true, stores: [] }, latencyMs: 1 }
const BAD: Answer = { kind: 'failure', reason: 'No answer.' }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('after failures the pause doubles up to half a minute', () => {
  expect([1, 2, 3, 4, 5, 6, 60].map((n) => pauseAfter(BAD, n))).toEqual([1000, 2000, 4000, 8000, 16000, 30000, 30000])
})

test('the server may ask for a longer pause, within reason', () => {
  expect(pauseAfter({ ...BAD, retryAfterMs: 7000 }, 1)).toBe(7000)
  expect(pauseAfter({ ...BAD, retryAfterMs: 3_600_000 }, 1)).toBe(30_000)
})

test('reports come at a steady pace, and a report ends the back-off', async () => {
  const answers = [BAD, BAD, GOOD, BAD, GOOD]
  const ask = vi.fn(async () => answers.shift() ?? GOOD)
  const polling = poll(ask, () => undefined)
  for (const pause of [0, 1000, 2000, INTERVAL_MS, 1000]) await vi.advanceTimersByTimeAsync(pause)
  expect(ask).toHaveBeenCalledTimes(5)
  polling.stop()
})

test('asking now drops the question under way, whose late answer is not heard', async () => {
  const signals: AbortSignal[] = []
  const heard = vi.fn()
  const ask = (signal: AbortSignal): Promise<Answer> => {
    signals.push(signal)
    return new Promise((resolve) => setTimeout(() => resolve(signals.length === 1 ? BAD : GOOD), 100))
  }
  const polling = poll(ask, heard)
  polling.askNow()
  await vi.advanceTimersByTimeAsync(100)
  expect(signals.map((signal) => signal.aborted)).toEqual([true, false])
  expect(heard.mock.calls).toEqual([[GOOD]])
  polling.stop()
})

test('after stop nothing is asked and nothing is heard', async () => {
  const heard = vi.fn()
  const ask = vi.fn(async () => GOOD)
  poll(ask, heard).stop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(ask).toHaveBeenCalledTimes(1)
  expect(heard).not.toHaveBeenCalled()
})
