/** What the page says, worked out from the answers so far; no React in here. */

import { KNOWN_STORES, type PlatformReport, type ServiceReport, type State } from './platformStatus'
import type { Answer } from './statusRequest'

export interface Knowledge {
  /** The last report, kept while the API is away. */
  report: PlatformReport | null
  reportedAt: Date | null
  apiLatencyMs?: number
  /** Why the last question failed; null when it did not. */
  failure: string | null
}

export const NOTHING_YET: Knowledge = { report: null, reportedAt: null, failure: null }

export function learn(known: Knowledge, answer: Answer, now: Date): Knowledge {
  if (answer.kind === 'failure') return { ...known, failure: answer.reason }
  return { report: answer.report, reportedAt: now, apiLatencyMs: answer.latencyMs, failure: null }
}

export interface Row {
  name: string
  title: string
  purpose: string
  state: State
  /** Milliseconds, present while the service is up. */
  latencyMs?: number
  /** What it means for people while the service is not up. */
  consequence?: string
}

interface Facts {
  title: string
  purpose: string
  withoutIt: string
}

const FACTS: Record<string, Facts> = {
  api: {
    title: 'API', purpose: 'Runs the focus groups and answers this page',
    withoutIt: 'Nothing works until it is back. This page keeps asking.',
  },
  postgres: {
    title: 'PostgreSQL', purpose: 'Keeps projects, personas and their embeddings',
    withoutIt: 'Nothing can be read or saved until it is back.',
  },
  redis: {
    title: 'Redis', purpose: 'Keeps sessions and cached answers',
    withoutIt: 'Signing in does not work until it is back.',
  },
  neo4j: {
    title: 'Neo4j', purpose: 'Holds the graph of answers and themes',
    withoutIt: 'Only graphs and themes are unavailable; all else works.',
  },
}
/** The API first, then the stores that it reports; while it is away, or before its first word, nothing is known of them. */
export function rows(known: Knowledge): Row[] {
  const stores: ServiceReport[] = known.report?.stores ?? KNOWN_STORES.map((name) => ({ name, state: 'unknown' }))
  return [
    row('api', apiState(known), known.apiLatencyMs),
    ...stores.map((each) => row(each.name, known.failure ? 'unknown' : each.state, each.latencyMs)),
  ]
}

function apiState(known: Knowledge): State {
  if (known.failure) return 'down'
  return known.report?.apiState ?? 'unknown'
}

function row(name: string, state: State, latencyMs?: number): Row {
  const facts = FACTS[name] ?? { title: name, purpose: 'Another service of the platform', withoutIt: '' }
  const base = { name, title: facts.title, purpose: facts.purpose, state }
  if (state === 'up') return latencyMs === undefined ? base : { ...base, latencyMs }
  return state === 'down' && facts.withoutIt ? { ...base, consequence: facts.withoutIt } : base
}

export type Mood = 'waiting' | 'well' | 'degraded' | 'away'

export interface Headline {
  mood: Mood
  title: string
  detail: string
}

export function headline(known: Knowledge): Headline {
  if (known.failure) return { mood: 'away', title: 'The API is away', detail: known.failure }
  if (!known.report) return { mood: 'waiting', title: 'Asking the services', detail: 'This takes a moment.' }
  const all = rows(known)
  const down = titles(all, 'down')
  const starting = titles(all, 'starting')
  const silent = titles(all, 'unknown')
  if (down.length) return { mood: 'degraded', title: `${sentenceList(down)} ${isOrAre(down)} down`, detail: 'Everything that is up keeps working.' }
  if (starting.length) return { mood: 'waiting', title: `${sentenceList(starting)} ${isOrAre(starting)} starting`, detail: 'This usually takes less than a minute.' }
  const behind = pendingMigration(known.report)
  if (behind) return { mood: 'degraded', title: 'The database waits for a migration', detail: behind }
  if (silent.length) return { mood: 'degraded', title: `No word about ${sentenceList(silent)}`, detail: 'The API answers, but does not report this.' }
  return { mood: 'well', title: 'All services are up', detail: `${all.length} of ${all.length} answer.` }
}

function pendingMigration({ migration, expectedMigration }: PlatformReport): string | null {
  if (!expectedMigration || migration === expectedMigration) return null
  return `It is at ${migration ?? 'no revision'}; this version of the API was built for ${expectedMigration}.`
}

function titles(all: Row[], state: State): string[] {
  return all.filter((each) => each.state === state).map((each) => each.title)
}

const isOrAre = (names: string[]): string => (names.length === 1 ? 'is' : 'are')

function sentenceList(names: string[]): string {
  return new Intl.ListFormat('en', { type: 'conjunction' }).format(names)
}
