import type { Mood } from './overview'
import type { State } from './platformStatus'

/** Shapes that differ without their colours; the words beside them say the same, so screen readers skip these. */
const CHECK = 'M7 12.5l3.5 3.5L17 8.5'
const CROSS = 'M8 8l8 8M16 8l-8 8'
const CLOCK = 'M12 7v5l3.5 2'
const BANG = 'M12 7v6M12 16.5v.1'
const QUESTION = 'M9.2 9.6a2.8 2.8 0 1 1 4.2 2.4c-.9.5-1.4 1-1.4 2M12 17v.1'

const SHAPES: Record<State | Mood, string> = {
  up: CHECK, well: CHECK,
  down: CROSS, away: CROSS,
  starting: CLOCK, waiting: CLOCK,
  degraded: BANG,
  unknown: QUESTION,
}

export function Symbol({ of: what }: { of: State | Mood }) {
  return (
    <svg className="symbol" viewBox="0 0 24 24" aria-hidden="true">
      <circle cx="12" cy="12" r="11" />
      <path d={SHAPES[what]} />
    </svg>
  )
}
