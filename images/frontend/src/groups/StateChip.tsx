import type { GroupState } from '../api/contract'

export function StateChip({ state }: { state: GroupState }) {
  return <span className="chip" data-run={state}>{state}</span>
}
