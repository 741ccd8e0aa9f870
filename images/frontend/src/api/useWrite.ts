import { useRef, useState } from 'react'
import { Failure, failureFrom } from './failure'

export interface Write<Args extends unknown[], Result> {
  /** The answer, or nothing when it failed or is already under way. */
  send: (...args: Args) => Promise<Result | undefined>
  pending: boolean
  failure: Failure | null
  /** How often it went well. */
  done: number
}

/** Something that changes the server: once at a time, with what became of it. */
export function useWrite<Args extends unknown[], Result>(action: (...args: Args) => Promise<Result>): Write<Args, Result> {
  const [pending, setPending] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  const [done, setDone] = useState(0)
  // State is too late for a double click.
  const busy = useRef(false)

  async function send(...args: Args): Promise<Result | undefined> {
    if (busy.current) return undefined
    busy.current = true
    setPending(true)
    setFailure(null)
    try {
      const result = await action(...args)
      setDone((before) => before + 1)
      return result
    } catch (error) {
      setFailure(error instanceof Failure ? error : failureFrom(0, { detail: String(error) }))
      return undefined
    } finally {
      busy.current = false
      setPending(false)
    }
  }
  return { send, pending, failure, done }
}
