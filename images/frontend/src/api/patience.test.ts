import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { failureFrom } from './failure'
import { readPatiently } from './patience'

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

const AWAY = failureFrom(503, { detail: 'away' }, '5')
const never = new AbortController().signal

test('a read asks again when the server said so, until there is an answer', async () => {
  const ask = vi.fn().mockRejectedValueOnce(AWAY).mockRejectedValueOnce(failureFrom(0)).mockResolvedValue('data')
  const passing = vi.fn()
  const reading = readPatiently('/api/projects', never, passing, ask)
  await vi.advanceTimersByTimeAsync(4999)
  expect(ask).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(ask).toHaveBeenCalledTimes(2)
  await vi.advanceTimersByTimeAsync(2000)
  await expect(reading).resolves.toBe('data')
  expect(passing).toHaveBeenCalledTimes(2)
})

test.each([401, 404, 409, 422, 500])('a %i does not pass by itself and is not asked again', async (status) => {
  const ask = vi.fn().mockRejectedValue(failureFrom(status))
  await expect(readPatiently('/api/projects', never, vi.fn(), ask)).rejects.toMatchObject({ status })
  expect(ask).toHaveBeenCalledTimes(1)
})

test('a page that is left waits for nothing any more', async () => {
  const leaving = new AbortController()
  const ask = vi.fn().mockRejectedValue(AWAY)
  const reading = readPatiently('/api/projects', leaving.signal, vi.fn(), ask)
  const left = expect(reading).rejects.toMatchObject({ name: 'AbortError' })
  await vi.advanceTimersByTimeAsync(1000)
  leaving.abort()
  await left
  await vi.advanceTimersByTimeAsync(60_000)
  expect(ask).toHaveBeenCalledTimes(1)
})
