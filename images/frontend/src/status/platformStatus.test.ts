import { expect, test } from 'vitest'
import { readReport } from './platformStatus'

const ANSWER = {
  status: 'ok', postgres: 'up', redis: 'up', neo4j: 'down', migration: '0001', expected_migration: '0002', version: '0.1.0',
  latency_ms: { postgres: 1.2, redis: 0.4, neo4j: null }, uptime_seconds: 12.5,
}

test('an answer of the API is read whole', () => {
  expect(readReport(ANSWER)).toEqual({
    apiState: 'up', serving: true, version: '0.1.0', migration: '0001', expectedMigration: '0002',
    stores: [
      { name: 'postgres', state: 'up', latencyMs: 1.2 },
      { name: 'redis', state: 'up', latencyMs: 0.4 },
      { name: 'neo4j', state: 'down' },
    ],
  })
})

test.each(['starting', 'draining'])('an API that is %s is on its way, whatever its stores say', (status) => {
  expect(readReport({ ...ANSWER, status })?.apiState).toBe('starting')
})

test('an API that cannot serve for want of a store is up itself', () => {
  expect(readReport({ ...ANSWER, status: 'unavailable' })).toMatchObject({ apiState: 'up', serving: false })
})

test('a store that this page has never heard of is shown', () => {
  const report = readReport({ ...ANSWER, minio: 'up', latency_ms: { minio: 3 } })
  expect(report?.stores.at(-1)).toEqual({ name: 'minio', state: 'up', latencyMs: 3 })
})

test('a word that nobody agreed on is not taken for good news', () => {
  expect(readReport({ ...ANSWER, redis: 'splendid' })?.stores[1]?.state).toBe('unknown')
  expect(readReport({ status: 'ok' })?.stores.map(({ state }) => state)).toEqual(['unknown', 'unknown', 'unknown'])
})

test.each([[null], ['<html>'], [[]], [{}], [{ detail: 'The API does not answer' }]])('%j is no report', (body) => {
  expect(readReport(body)).toBeNull()
})
