import { expect, test } from 'vitest'
import { headline, learn, NOTHING_YET, rows, type Knowledge } from './overview'
import type { PlatformReport, State } from './platformStatus'

const NOON = new Date('2026-01-01T12:00:00Z')

function report(states: Partial<Record<'postgres' | 'redis' | 'neo4j', State>> = {}, more: Partial<PlatformReport> = {}): PlatformReport {
  const stores = (['postgres', 'redis', 'neo4j'] as const).map((name) => ({ name, state: states[name] ?? 'up', latencyMs: 1 }))
  return { apiState: 'up', serving: true, stores, ...more }
}

function knowing(of: PlatformReport): Knowledge {
  return learn(NOTHING_YET, { kind: 'report', report: of, latencyMs: 12 }, NOON)
}

const statesOf = (known: Knowledge): State[] => rows(known).map(({ state }) => state)

test('before the first answer nothing is claimed', () => {
  expect(headline(NOTHING_YET).mood).toBe('waiting')
  expect(statesOf(NOTHING_YET)).toEqual(['unknown', 'unknown', 'unknown', 'unknown'])
})

test('when everything answers, one sentence says so', () => {
  expect(headline(knowing(report()))).toEqual({ mood: 'well', title: 'All services are up', detail: '4 of 4 answer.' })
})

test.each([
  [{ neo4j: 'down' }, 'Neo4j is down'],
  [{ redis: 'down', neo4j: 'down' }, 'Redis and Neo4j are down'],
  [{ postgres: 'down', redis: 'down', neo4j: 'down' }, 'PostgreSQL, Redis and Neo4j are down'],
] as const)('%j is a degraded platform', (states, title) => {
  expect(headline(knowing(report(states)))).toMatchObject({ mood: 'degraded', title })
})

test('a service that is down says what that means and shows no latency', () => {
  const neo4j = rows(knowing(report({ neo4j: 'down' }))).at(-1)
  expect(neo4j?.consequence).toMatch(/graphs/)
  expect(neo4j?.latencyMs).toBeUndefined()
})

test('when nothing can be served, that is worse than degraded', () => {
  expect(headline(knowing(report({ redis: 'down' }, { serving: false })))).toMatchObject({ mood: 'away', title: 'Redis is down' })
})

test('an API that starts is waited for, with what it waits for', () => {
  const coming = knowing(report({ postgres: 'down' }, { apiState: 'starting', serving: false }))
  expect(headline(coming)).toEqual({ mood: 'waiting', title: 'The API is starting', detail: 'It waits for PostgreSQL.' })
})

test('silence about a store is not called up', () => {
  expect(headline(knowing(report({ redis: 'unknown' })))).toMatchObject({ mood: 'degraded', title: 'No word about Redis' })
})

test('a database behind its API is named with both revisions', () => {
  const behind = headline(knowing(report({}, { migration: '0001', expectedMigration: '0002' })))
  expect(behind.mood).toBe('degraded')
  expect(behind.detail).toMatch(/0001.*0002/)
})

test('while the API is away its stores are not known, and the last report keeps its time', () => {
  const away = learn(knowing(report()), { kind: 'failure', reason: 'No answer.' }, new Date())
  expect(headline(away)).toEqual({ mood: 'away', title: 'The API is away', detail: 'No answer.' })
  expect(statesOf(away)).toEqual(['down', 'unknown', 'unknown', 'unknown'])
  expect(away.reportedAt).toBe(NOON)
})

test('the next report forgets the failure', () => {
  const away = learn(NOTHING_YET, { kind: 'failure', reason: 'No answer.' }, NOON)
  expect(headline(learn(away, { kind: 'report', report: report(), latencyMs: 3 }, NOON)).mood).toBe('well')
})
