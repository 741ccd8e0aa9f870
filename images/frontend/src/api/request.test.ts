import { afterEach, expect, test, vi } from 'vitest'
import { failureFrom } from './failure'
import { onSessionLost, post, remove, request } from './request'

const answer = (status: number, body: BodyInit | null, headers: HeadersInit = {}): void => {
  vi.stubGlobal('fetch', vi.fn(async () => new Response(body, { status, headers })))
}
afterEach(() => vi.unstubAllGlobals())

test('an answer without a body is one, too', async () => {
  answer(204, null)
  await expect(remove('/api/projects/1')).resolves.toBeNull()
})

test('a body that is no JSON is taken for an answer of something in between', async () => {
  answer(200, '<html>')
  await expect(request('GET', '/api/projects')).rejects.toMatchObject({ status: 502, passing: true })
})

test('a session that is over is told, a wrong password is not', async () => {
  const lost = vi.fn()
  onSessionLost(lost)
  answer(401, '{"detail":"wrong"}')
  await expect(post('/api/session')).rejects.toThrow('wrong')
  expect(lost).not.toHaveBeenCalled()
  await expect(request('GET', '/api/projects')).rejects.toThrow()
  expect(lost).toHaveBeenCalledOnce()
})

test('an outage ends no session and keeps the wish of the server', async () => {
  const lost = vi.fn()
  onSessionLost(lost)
  answer(503, '{"detail":"away"}', { 'retry-after': '7' })
  await expect(request('GET', '/api/projects')).rejects.toEqual(failureFrom(503, { detail: 'away' }, '7'))
  expect(lost).not.toHaveBeenCalled()
})

test('without a network the reason says so', async () => {
  vi.stubGlobal('fetch', vi.fn().mockRejectedValue(new TypeError('failed to fetch')))
  await expect(request('GET', '/api/projects')).rejects.toMatchObject({ status: 0, message: expect.stringMatching(/no connection/) })
})

test('an abort by the page is no failure', async () => {
  const aborted = AbortSignal.abort()
  vi.stubGlobal('fetch', vi.fn().mockRejectedValue(aborted.reason))
  await expect(request('GET', '/api/projects', { signal: aborted })).rejects.toBe(aborted.reason)
})
