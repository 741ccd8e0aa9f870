import { useCallback, useEffect, useRef, useState } from 'react'
import { learn, NOTHING_YET, type Knowledge } from './overview'
import { poll, type Polling } from './polling'
import { askStatus } from './statusRequest'

/** What is known about the services, kept fresh while the page is visible; `askNow` does not wait for the next round. */
export function useKnowledge(): { known: Knowledge; askNow: () => void } {
  const [known, setKnown] = useState(NOTHING_YET)
  const polling = useRef<Polling | null>(null)

  useEffect(() => {
    const start = (): void => {
      polling.current ??= poll(askStatus, (answer) => setKnown((before) => learn(before, answer, new Date())))
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

  return { known, askNow: useCallback(() => polling.current?.askNow(), []) }
}
