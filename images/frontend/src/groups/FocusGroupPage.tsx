import { useState } from 'react'
import { useLocation } from 'wouter'
import type { Group } from '../api/contract'
import { remove } from '../api/request'
import { Button } from '../controls/Button'
import { ConfirmDialog } from '../controls/Dialog'
import { Alert } from '../controls/Form'
import { Loaded } from '../controls/Loaded'
import { counted } from '../controls/numbers'
import { PageHead } from '../controls/PageHead'
import { StimulusFigure } from '../projects/StimulusFigure'
import { Conversation } from './Conversation'
import { spoken } from './course'
import { Findings } from './Findings'
import { StateChip } from './StateChip'
import { useRun } from './useRun'

export function FocusGroupPage({ id }: { id: string }) {
  const { reading, group, start, paused } = useRun(id)
  const [deleting, setDeleting] = useState(false)
  const [, navigate] = useLocation()
  const canRun = group?.state === 'planned' || group?.state === 'failed'
  const above = group ? { href: `/projects/${group.project_id}`, label: group.project_name } : { href: '/', label: 'Projects' }

  return (
    <>
      <PageHead title={group?.topic ?? 'Focus group'} up={above}>
        {group && <Button kind="quiet" onClick={() => setDeleting(true)}>Delete focus group</Button>}
        {canRun && (
          <Button kind="primary" pending={start.pending} busy="Starting…" onClick={() => void start.send()}>
            {group.state === 'planned' ? 'Run' : 'Go on'}
          </Button>
        )}
      </PageHead>
      {start.failure && <Alert>{start.failure.message}</Alert>}
      {/* Always there, so that its words are news when they change. */}
      <p className="spoken" role="status">{group && spoken(group)}</p>
      <Loaded of={reading}>
        {() =>
          group && (
            <>
              <Progress group={group} paused={paused} />
              {group.stimulus && <StimulusFigure stimulus={group.stimulus} />}
              {group.state === 'finished' && <Findings id={id} />}
              <Conversation group={group} />
            </>
          )
        }
      </Loaded>
      {deleting && group && (
        <ConfirmDialog
          title="Delete this focus group?" verb="Delete" busy="Deleting…" action={() => remove(`/api/focus-groups/${id}`)}
          onDone={() => navigate(above.href)} onClose={() => setDeleting(false)}
        >
          <p>Its answers and findings go with it. This cannot be undone.</p>
        </ConfirmDialog>
      )}
    </>
  )
}

function Progress({ group: { state, answers, expected, people, questions, error }, paused }: { group: Group; paused: boolean }) {
  return (
    <section className="progress" aria-label="Progress">
      <p>
        <StateChip state={state} /> {counted(people.length, 'participant')}, {counted(questions.length, 'question')}, {answers} of{' '}
        {counted(expected, 'answer')}
      </p>
      <p className="muted">With {people.map(({ persona }) => persona.name).join(', ')}</p>
      {state !== 'finished' && <progress aria-label="Answers" value={answers} max={Math.max(1, expected)} />}
      <div role="status">
        {error && <p className="notice">{error}</p>}
        {paused && <p className="hint">The connection is interrupted. The run goes on; its answers follow.</p>}
      </div>
    </section>
  )
}
