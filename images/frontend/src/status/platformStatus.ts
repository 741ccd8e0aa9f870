/** What `GET /api/status` says, read so that a field more, a field less or another store breaks nothing. */

export type State = 'up' | 'down' | 'starting' | 'unknown'

export interface ServiceReport {
  name: string
  state: State
  latencyMs?: number
}

export interface PlatformReport {
  /** How the API sees itself: it may answer while it starts or drains. */
  apiState: State
  /** Whether requests can be served; a store that only some of them need may be down all the same. */
  serving: boolean
  stores: ServiceReport[]
  version?: string
  /** The database's revision, and the one this API was built for. */
  migration?: string
  expectedMigration?: string
}

const WORDS: Record<string, State> = { up: 'up', down: 'down', starting: 'starting', draining: 'starting' }
export const KNOWN_STORES = ['postgres', 'redis', 'neo4j']

/** The report in an answer's body; null when the body is not one, whatever else it may be. */
export function readReport(body: unknown): PlatformReport | null {
  if (!isRecord(body) || typeof body.status !== 'string') return null
  const latencies = isRecord(body.latency_ms) ? body.latency_ms : {}
  const names = [...new Set([...KNOWN_STORES, ...Object.keys(latencies)])]
  return {
    // `ok` and `unavailable` speak of the stores; the API itself is up to say it.
    apiState: WORDS[body.status] ?? 'up',
    serving: body.status === 'ok',
    stores: names.map((name) => readStore(name, body[name], latencies[name])),
    ...text('version', body.version),
    ...text('migration', body.migration),
    ...text('expectedMigration', body.expected_migration),
  }
}

function readStore(name: string, word: unknown, latency: unknown): ServiceReport {
  const state = (typeof word === 'string' && WORDS[word]) || 'unknown'
  return typeof latency === 'number' ? { name, state, latencyMs: latency } : { name, state }
}

function text<Key extends string>(key: Key, value: unknown): { [K in Key]?: string } {
  const out: { [K in Key]?: string } = {}
  if (typeof value === 'string' && value) out[key] = value
  return out
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
