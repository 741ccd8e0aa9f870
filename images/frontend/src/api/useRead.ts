import { useCallback, useEffect, useState } from 'react'
import { Failure, failureFrom } from './failure'
import { observable } from './observable'
import { readPatiently } from './patience'

/** How many reads wait for the API to come back. */
export const waitingReads = observable(0)

export interface Reading<T> {
  /** The last answer, kept while the next one is under way. */
  data: T | null
  loading: boolean
  /** Why there is no (new) answer; asking again would not help. */
  failure: Failure | null
  /** Why the answer takes longer; it is asked for again and again. */
  passing: Failure | null
  reload: () => void
}

/** The answer to a GET. `quiet`: the page itself says that it waits, so that the banner need not. */
export function useRead<T>(path: string | null, { quiet = false } = {}): Reading<T> {
  const [round, setRound] = useState(0)
  const [known, setKnown] = useState<Omit<Reading<T>, 'reload'>>({ data: null, loading: true, failure: null, passing: null })

  useEffect(() => {
    if (path === null) return
    const mine = new AbortController()
    let waits = false
    const count = (now: boolean): void => {
      if (!quiet && now !== waits) waitingReads.set(waitingReads.get() + (now ? 1 : -1))
      waits = now
    }
    const learn = (news: Partial<Reading<T>>): void => setKnown((before) => ({ ...before, ...news }))
    learn({ loading: true })
    readPatiently<T>(path, mine.signal, (passing) => {
      count(true)
      learn({ passing })
    })
      .then((data) => learn({ data, loading: false, failure: null, passing: null }))
      .catch((error: unknown) => {
        if (mine.signal.aborted) return
        const failure = error instanceof Failure ? error : failureFrom(0, { detail: String(error) })
        learn({ loading: false, failure, passing: null })
      })
      .finally(() => count(false))
    return () => mine.abort()
  }, [path, round, quiet])

  const reload = useCallback(() => setRound((before) => before + 1), [])
  return { ...known, reload }
}
