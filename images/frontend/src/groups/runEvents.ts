import type { Answer, GroupSummary } from '../api/contract'
import type { RunEvent } from './course'

export interface Listener {
  onEvent: (event: RunEvent) => void
  /** The browser lost the stream and is opening it again. */
  onPause: (paused: boolean) => void
  /** The browser gave up: the answer was no stream. */
  onEnd: () => void
}

/** Follow a run from the answer `after` on; the result ends it. */
export function followRun(id: string, after: number, { onEvent, onPause, onEnd }: Listener): () => void {
  const source = new EventSource(`/api/focus-groups/${id}/events?after=${after}`)
  source.addEventListener('answer', ({ data }) => onEvent({ kind: 'answer', answer: JSON.parse(String(data)) as Answer }))
  source.addEventListener('state', ({ data }) => onEvent({ kind: 'state', summary: JSON.parse(String(data)) as GroupSummary }))
  source.onopen = () => onPause(false)
  source.onerror = () => {
    onPause(true)
    if (source.readyState === EventSource.CLOSED) onEnd()
  }
  return () => source.close()
}
