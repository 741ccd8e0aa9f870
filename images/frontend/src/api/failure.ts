/** Why a request was not answered as hoped, in words for people. */
export class Failure extends Error {
  constructor(
    /** 0 when nothing answered at all. */
    readonly status: number,
    message: string,
    readonly retryAfterMs: number | null = null,
    /** What is wrong with which field; a list's entry is called `questions.1`. */
    readonly fields: Record<string, string> = {},
  ) {
    super(message)
  }

  /** It goes away by itself, so asking again is worthwhile. */
  get passing(): boolean {
    const madeJustNow = this.status === 409 && this.retryAfterMs !== null
    return this.status === 0 || (this.status >= 502 && this.status <= 504) || madeJustNow
  }
}

const WITHOUT_WORDS: Record<number, string> = {
  0: 'This browser has no connection to the server.',
  401: 'You are signed out.',
  403: 'This is not allowed from here.',
  404: 'This does not exist (any more).',
  413: 'This is too large.',
}

export function failureFrom(status: number, body: unknown = null, retryAfter: string | null = null): Failure {
  const seconds = Number(retryAfter ?? Number.NaN)
  const retryAfterMs = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null
  const detail = typeof body === 'object' && body !== null && 'detail' in body ? body.detail : null
  if (Array.isArray(detail)) return new Failure(status, 'Some of this cannot be taken as it is.', null, fieldsOf(detail))
  if (status === 429) return new Failure(status, `Too many attempts. Try again in ${duration(retryAfterMs)}.`, retryAfterMs)
  const message = typeof detail === 'string' && detail ? detail : (WITHOUT_WORDS[status] ?? `The server answered ${status}.`)
  return new Failure(status, message, retryAfterMs)
}

/** FastAPI's list: `loc` says where (body or query, then the way to the field), `msg` says what. */
function fieldsOf(complaints: unknown[]): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const complaint of complaints as { loc?: unknown; msg?: unknown; type?: unknown }[]) {
    const [, ...way] = Array.isArray(complaint.loc) ? complaint.loc : []
    fields[way.join('.')] ??= wordsOf(complaint)
  }
  return fields
}

function wordsOf({ msg, type }: { msg?: unknown; type?: unknown }): string {
  // Its message is the pattern itself, which tells people nothing.
  if (type === 'string_pattern_mismatch' || typeof msg !== 'string') return 'This is not written as it should be.'
  return msg.replace(/^Value error, /, '').replace(/^String should have/, 'This needs')
}

export function duration(milliseconds: number | null): string {
  if (milliseconds === null) return 'a moment'
  const seconds = Math.max(1, Math.ceil(milliseconds / 1000))
  if (seconds < 90) return seconds === 1 ? '1 second' : `${seconds} seconds`
  return `${Math.ceil(seconds / 60)} minutes`
}
