import type { Analysis } from '../api/contract'
import { communityLetter } from './Graph'

export function Communities({ analysis: { participants, communities } }: { analysis: Analysis }) {
  const names = new Map(participants.map(({ id, name }) => [id, name]))
  return (
    <>
      <h3 id="communities">Groups of opinion</h3>
      <ul className="cards" aria-labelledby="communities">
        {communities.map((community, place) => (
          <li key={community.id} className="card community" data-community={place % 6}>
            <h4>Group {communityLetter(place)}</h4>
            <p>{community.participants.map((id) => names.get(id) ?? 'Somebody').join(', ')}</p>
            <p className="muted">{community.themes.length ? `They agree on: ${community.themes.join(', ')}.` : 'They agree on nothing in particular.'}</p>
          </li>
        ))}
      </ul>
    </>
  )
}
