import type { Stance } from '../api/contract'
import { SIGNS } from './stances'

export function StanceChip({ theme, stance }: { theme: string; stance: Stance }) {
  return (
    <span className="chip" data-stance={stance}>
      <span aria-hidden="true">{SIGNS[stance]} </span>
      {theme}
      <span className="spoken">: {stance}</span>
    </span>
  )
}
