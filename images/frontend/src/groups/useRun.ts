import { useEffect, useReducer, useState } from 'react'
import type { Group, GroupSummary } from '../api/contract'
import { post } from '../api/request'
import { useRead, type Reading } from '../api/useRead'
import { useWrite, type Write } from '../api/useWrite'
import { hear, lastAnswer } from './course'
import { followRun } from './runEvents'

const REOPEN_MS = 3_000

interface Run {
  reading: Reading<Group>
  group: Group | null
  start: Write<[], void>
  /** Answers may arrive later than they were given. */
  paused: boolean
}

/** A focus group, and what happens in it while this page is open. */
export function useRun(id: string): Run {
  const reading = useRead<Group>(`/api/focus-groups/${id}`)
  const { data, reload } = reading
  const [group, dispatch] = useReducer(hear, null)
  const [paused, setPaused] = useState(false)
  const start = useWrite(async () => {
    dispatch({ kind: 'state', summary: await post<GroupSummary>(`/api/focus-groups/${id}/run`) })
  })

  useEffect(() => {
    if (data) dispatch({ kind: 'loaded', group: data })
  }, [data])

  const running = group?.state === 'running'
  useEffect(() => {
    if (!running || !data) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = followRun(id, lastAnswer(data), {
      onEvent: dispatch,
      onPause: setPaused,
      // The plain answer says what the stream cannot: signed out, away, gone. It also opens the stream anew.
      onEnd: () => (timer = setTimeout(reload, REOPEN_MS)),
    })
    return () => {
      stop()
      clearTimeout(timer)
      setPaused(false)
    }
  }, [id, running, data, reload])

  return { reading, group, start, paused }
}
