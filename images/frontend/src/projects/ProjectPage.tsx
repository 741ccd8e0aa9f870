import { useEffect, useState } from 'react'
import { Link, useLocation } from 'wouter'
import type { GroupSummary, Project } from '../api/contract'
import { remove } from '../api/request'
import { useRead } from '../api/useRead'
import { Button } from '../controls/Button'
import { ConfirmDialog } from '../controls/Dialog'
import { Empty, Loaded } from '../controls/Loaded'
import { counted, day } from '../controls/numbers'
import { PageHead } from '../controls/PageHead'
import { StateChip } from '../groups/StateChip'
import { StimulusMaterial } from './StimulusMaterial'

const WATCH_MS = 5_000

export function ProjectPage({ id }: { id: string }) {
  const reading = useRead<Project>(`/api/projects/${id}`)
  const { data: project, reload } = reading
  const [deleting, setDeleting] = useState(false)
  const [, navigate] = useLocation()
  useEffect(() => {
    if (!project?.focus_groups.some(({ state }) => state === 'running')) return
    const timer = setTimeout(reload, WATCH_MS)
    return () => clearTimeout(timer)
  }, [project, reload])

  return (
    <>
      <PageHead title={project?.name ?? 'Project'} up={{ href: '/', label: 'Projects' }}>
        {project && <Button kind="quiet" onClick={() => setDeleting(true)}>Delete project</Button>}
        {project && <Link className="button primary" href={`/projects/${id}/focus-groups/new`}>New focus group</Link>}
      </PageHead>
      <Loaded of={reading}>
        {({ focus_groups, stimuli }) => (
          <>
            <section aria-labelledby="focus-groups">
              <h2 id="focus-groups">Focus groups</h2>
              {focus_groups.length ? <FocusGroups items={focus_groups} /> : <NoGroups />}
            </section>
            <StimulusMaterial project={id} items={stimuli} onChange={reload} />
          </>
        )}
      </Loaded>
      {deleting && (
        <ConfirmDialog
          title="Delete this project?" verb="Delete" busy="Deleting…" action={() => remove(`/api/projects/${id}`)}
          onDone={() => navigate('/')} onClose={() => setDeleting(false)}
        >
          <p>Its focus groups, answers and stimulus material go with it. This cannot be undone.</p>
        </ConfirmDialog>
      )}
    </>
  )
}

function FocusGroups({ items }: { items: GroupSummary[] }) {
  return (
    <ul className="rows" aria-label="Focus groups">
      {items.map((group) => (
        <li key={group.id}>
          <Link href={`/focus-groups/${group.id}`}>{group.topic}</Link>
          <span className="muted">
            {counted(group.participants, 'participant')} · {group.answers} of {counted(group.expected, 'answer')} · {day(group.created_at)}
          </span>
          <StateChip state={group.state} />
        </li>
      ))}
    </ul>
  )
}

function NoGroups() {
  return <Empty title="No focus groups yet">Choose a topic, a few questions and the personas who answer them.</Empty>
}
