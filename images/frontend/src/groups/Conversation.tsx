import type { Group } from '../api/contract'
import { counted, initials } from '../controls/numbers'
import { rounds, type Round, type Turn } from './course'
import { StanceChip } from './StanceChip'

export function Conversation({ group }: { group: Group }) {
  return (
    <section aria-labelledby="conversation">
      <h2 id="conversation">Conversation</h2>
      {rounds(group).map((round, index) => (
        <QuestionRound key={`${index} ${round.question}`} round={round} number={index + 1} running={group.state === 'running'} />
      ))}
    </section>
  )
}

function QuestionRound({ round: { question, turns, missing }, number, running }: { round: Round; number: number; running: boolean }) {
  return (
    <section className="round" aria-labelledby={`question-${number}`}>
      <h3 id={`question-${number}`}>{question}</h3>
      <ol className="turns" aria-labelledby={`question-${number}`}>
        {turns.map((turn) => <Said key={turn.answer.id} turn={turn} />)}
      </ol>
      {missing > 0 && (
        <p className={running ? 'hint waiting' : 'hint'}>{counted(missing, 'answer')} to come</p>
      )}
    </section>
  )
}

function Said({ turn: { answer, persona } }: { turn: Turn }) {
  const name = persona?.name ?? 'Somebody'
  return (
    <li className="turn">
      <span className="avatar" aria-hidden="true">{initials(name)}</span>
      <div>
        <h4>{name}</h4>
        {persona && <p className="muted">{[persona.age, persona.occupation, persona.location].join(' · ')}</p>}
        <p className="voice">{answer.text}</p>
        <ul className="chips" aria-label="Themes">
          {answer.themes.map((mention) => (
            <li key={`${mention.theme} ${mention.stance}`}><StanceChip {...mention} /></li>
          ))}
          {answer.cached && <li className="muted">from the cache</li>}
        </ul>
      </div>
    </li>
  )
}
