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
    withoutIt: 'Nothing works until it is back.',
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
  if (known.report.apiState === 'starting') return starting(all)
  return (
    somethingDown(all, known.report.serving) ??
    pendingMigration(known.report) ??
    somethingSilent(all) ?? { mood: 'well', title: 'All services are up', detail: `${all.length} of ${all.length} answer.` }
  )
}

function starting(all: Row[]): Headline {
  const missing = titles(all, 'down')
  const detail = missing.length ? `It waits for ${sentenceList(missing)}.` : 'This usually takes a few seconds.'
  return { mood: 'waiting', title: 'The API is starting', detail }
}

function somethingDown(all: Row[], serving: boolean): Headline | null {
  const down = titles(all, 'down')
  if (!down.length) return null
  const title = `${sentenceList(down)} ${down.length === 1 ? 'is' : 'are'} down`
  if (serving) return { mood: 'degraded', title, detail: 'Everything that does without keeps working.' }
  return { mood: 'away', title, detail: 'Nothing can be served until this is over. This page keeps asking.' }
}

function somethingSilent(all: Row[]): Headline | null {
  const silent = titles(all, 'unknown')
  if (!silent.length) return null
  return { mood: 'degraded', title: `No word about ${sentenceList(silent)}`, detail: 'The API answers, but does not report this.' }
}

function pendingMigration({ migration, expectedMigration }: PlatformReport): Headline | null {
  if (!expectedMigration || migration === expectedMigration) return null
  const detail = `It is at ${migration ?? 'no revision'}; this version of the API was built for ${expectedMigration}.`
  return { mood: 'degraded', title: 'The database waits for a migration', detail }
}

function titles(all: Row[], state: State): string[] {
  return all.filter((each) => each.state === state).map((each) => each.title)
}

function sentenceList(names: string[]): string {
  return new Intl.ListFormat('en-GB').format(names)
}
