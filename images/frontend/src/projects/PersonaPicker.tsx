import { useRef, useState } from 'react'
import { Link } from 'wouter'
import type { Persona } from '../api/contract'
import { Button } from '../controls/Button'
import { Empty, Loaded } from '../controls/Loaded'
import { percent } from '../controls/numbers'
import { usePersonas } from '../personas/usePersonas'

export const FEWEST = 2
const MOST = 12

export function PersonaPicker({ chosen, onChange }: { chosen: Persona[]; onChange: (chosen: Persona[]) => void }) {
  const [query, setQuery] = useState('')
  const search = useRef<HTMLInputElement>(null)
  const found = usePersonas(query, 0, 50)
  const isChosen = (persona: Persona): boolean => chosen.some(({ id }) => id === persona.id)
  const without = (persona: Persona): Persona[] => chosen.filter(({ id }) => id !== persona.id)

  return (
    <fieldset>
      <legend>Participants</legend>
      <p className="hint" role="status">{chosen.length} of {FEWEST} to {MOST} chosen</p>
      <ul className="chosen" aria-label="Chosen participants">
        {chosen.map((persona) => (
          <li key={persona.id}>
            <Button aria-label={`Remove ${persona.name}`} onClick={() => { onChange(without(persona)); search.current?.focus() }}>
              {persona.name} <span aria-hidden="true">×</span>
            </Button>
          </li>
        ))}
      </ul>
      <input
        ref={search} type="search" maxLength={500} aria-label="Search personas" placeholder="Search, for example: young parents in small towns" value={query}
        onChange={(event) => setQuery(event.target.value)}
        // Return would send the whole form.
        onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
      />
      <Loaded of={found}>
        {({ items }) => (
          <ul className="picker" aria-label="Personas to choose from">
            {!items.length && <li><NobodyToChoose searched={query !== ''} /></li>}
            {items.map((persona) => (
              <li key={persona.id}>
                <label>
                  <input
                    type="checkbox" checked={isChosen(persona)} disabled={!isChosen(persona) && chosen.length >= MOST}
                    onChange={() => onChange(isChosen(persona) ? without(persona) : [...chosen, persona])}
                  />
                  <span>
                    <strong>{persona.name}</strong>, {persona.age}, {persona.occupation}
                  </span>
                  {persona.similarity !== null && <span className="muted">{percent(persona.similarity)} alike</span>}
                </label>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </fieldset>
  )
}

function NobodyToChoose({ searched }: { searched: boolean }) {
  if (searched) return <Empty title="Nobody found">Try other words.</Empty>
  return (
    <Empty title="No personas yet">
      <Link href="/personas">Generate or add some</Link> first.
    </Empty>
  )
}
