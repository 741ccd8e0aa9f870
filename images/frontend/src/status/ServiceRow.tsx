import type { Row } from './overview'
import type { State } from './platformStatus'
import { Symbol } from './Symbol'

const WORDS: Record<State, string> = { up: 'Up', down: 'Down', starting: 'Starting', unknown: 'Unknown' }

export function ServiceRow({ title, purpose, state, latencyMs, consequence }: Row) {
  return (
    <li className="service" data-state={state}>
      <Symbol of={state} />
      <div className="service-name">
        <h3>{title}</h3>
        <p>{consequence ?? purpose}</p>
      </div>
      <p className="service-state">
        <strong>{WORDS[state]}</strong>
        {latencyMs !== undefined && <span>{milliseconds(latencyMs)}</span>}
      </p>
    </li>
  )
}

function milliseconds(value: number): string {
  const digits = value < 10 ? 1 : 0
  return `${value.toLocaleString(undefined, { minimumFractionDigits: digits, maximumFractionDigits: digits })} ms`
}
