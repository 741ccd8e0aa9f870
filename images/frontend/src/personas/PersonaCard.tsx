import type { Persona } from '../api/contract'
import { Button } from '../controls/Button'
import { initials, percent } from '../controls/numbers'

export function PersonaCard({ persona, onDelete }: { persona: Persona; onDelete: () => void }) {
  const { name, age, occupation, location, description, similarity } = persona
  return (
    <li className="card persona">
      <span className="avatar" aria-hidden="true">{initials(name)}</span>
      <div>
        <h2>{name}</h2>
        <p className="muted">{[age, occupation, location].join(' · ')}</p>
      </div>
      {similarity !== null && (
        <p className="similarity">
          <meter value={similarity} aria-label="Similarity" /> {percent(similarity)} alike
        </p>
      )}
      <p className="description">{description}</p>
      <Button kind="quiet" aria-label={`Delete ${name}`} onClick={onDelete}>Delete</Button>
    </li>
  )
}
