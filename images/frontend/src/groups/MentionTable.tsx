import type { Analysis } from '../api/contract'
import { SIGNS } from './stances'

/** The graph's edges for those who do not see it. */
export function MentionTable({ analysis: { participants, mentions } }: { analysis: Analysis }) {
  const names = new Map(participants.map(({ id, name }) => [id, name]))
  return (
    <details className="as-table">
      <summary>Who said what, as a table</summary>
      <table>
        <caption className="spoken">Mentions</caption>
        <thead>
          <tr><th scope="col">Participant</th><th scope="col">Theme</th><th scope="col">Stance</th><th scope="col" className="number">Times</th></tr>
        </thead>
        <tbody>
          {mentions.map(({ participant_id, theme, stance, count }) => (
            <tr key={`${participant_id} ${theme} ${stance}`}>
              <th scope="row">{names.get(participant_id) ?? 'Somebody'}</th>
              <td>{theme}</td>
              <td><span aria-hidden="true">{SIGNS[stance]} </span>{stance}</td>
              <td className="number">{count}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
