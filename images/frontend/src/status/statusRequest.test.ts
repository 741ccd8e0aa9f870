import { expect, test, vi } from 'vitest'
import { askStatus } from './statusRequest'

const NEVER = new AbortController().signal

const answering = (body: string, init: ResponseInit): typeof fetch => async () => new Response(body, init)

test('a report is a report even when it comes with a 503', async () => {
  const answer = await askStatus(NEVER, answering('{"status":"unavailable"}', { status: 503 }))
  expect(answer).toMatchObject({ kind: 'report', report: { apiState: 'up' } })
})

test('while the API is away the reason is given and the wish of the server is kept', async () => {
  const answer = await askStatus(NEVER, answering('{"detail":"away"}', { status: 502, headers: { 'retry-after': '2' } }))
  expect(answer).toEqual({ kind: 'failure', reason: expect.stringMatching(/starting or being replaced/), retryAfterMs: 2000 })
})

test('an answer that is no JSON is a failure with its status', async () => {
  const answer = await askStatus(NEVER, answering('<html>', { status: 200 }))
  expect(answer).toEqual({ kind: 'failure', reason: expect.stringMatching(/200/) })
})

test('without a network the reason says so', async () => {
  const answer = await askStatus(NEVER, vi.fn().mockRejectedValue(new TypeError('failed to fetch')))
  expect(answer).toEqual({ kind: 'failure', reason: expect.stringMatching(/no connection/) })
})

test('an abort by the page is no answer', async () => {
  const aborted = AbortSignal.abort()
  await expect(askStatus(aborted, vi.fn().mockRejectedValue(aborted.reason))).rejects.toBe(aborted.reason)
})
