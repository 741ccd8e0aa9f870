import { useCallback, useEffect, useRef, useState } from 'react'
import { learn, NOTHING_YET, type Knowledge } from './overview'
import { poll, type Polling } from './polling'
import { askStatus } from './statusRequest'

interface Fresh {
  known: Knowledge
  /** Ask without waiting for the next round; `replies` counts the answers to that. */
  askNow: () => void
  replies: number
}

/** What is known about the services, kept fresh while the page is visible. */
export function useKnowledge(): Fresh {
  const [known, setKnown] = useState(NOTHING_YET)
  const [replies, setReplies] = useState(0)
  const awaited = useRef(false)
  const polling = useRef<Polling | null>(null)

  useEffect(() => {
    const start = (): void => {
      polling.current ??= poll(askStatus, (answer) => {
        setKnown((before) => learn(before, answer, new Date()))
        if (awaited.current) setReplies((count) => count + 1)
        awaited.current = false
      })
    }
    const stop = (): void => {
      polling.current?.stop()
      polling.current = null
    }
    const follow = (): void => (document.hidden ? stop() : start())
    const askAgain = (): void => polling.current?.askNow()
    follow()
    document.addEventListener('visibilitychange', follow)
    window.addEventListener('online', askAgain)
    return () => {
      document.removeEventListener('visibilitychange', follow)
      window.removeEventListener('online', askAgain)
      stop()
    }
  }, [])

  const askNow = useCallback(() => {
    awaited.current = true
    polling.current?.askNow()
  }, [])
  return { known, askNow, replies }
}
