import { useState } from 'react'
import { useLocation } from 'wouter'
import type { Group, Persona, Project } from '../api/contract'
import { post } from '../api/request'
import { useRead } from '../api/useRead'
import { useWrite } from '../api/useWrite'
import { Field, Form, text } from '../controls/Form'
import { Loaded } from '../controls/Loaded'
import { PageHead } from '../controls/PageHead'
import { FEWEST, PersonaPicker } from './PersonaPicker'
import { Questions } from './Questions'

export function NewFocusGroupPage({ project }: { project: string }) {
  const reading = useRead<Project>(`/api/projects/${project}`)
  return (
    <>
      <PageHead title="New focus group" up={{ href: `/projects/${project}`, label: reading.data?.name ?? 'Project' }} />
      <Loaded of={reading}>{(found) => <NewFocusGroup project={found} />}</Loaded>
    </>
  )
}

function NewFocusGroup({ project: { id, stimuli } }: { project: Project }) {
  const [questions, setQuestions] = useState([''])
  const [chosen, setChosen] = useState<Persona[]>([])
  const [, navigate] = useLocation()
  const write = useWrite(async (entries: FormData) => {
    const group = await post<Group>(`/api/projects/${id}/focus-groups`, {
      topic: text(entries, 'topic'),
      questions: questions.map((question) => question.trim()),
      persona_ids: chosen.map((persona) => persona.id),
      stimulus_id: text(entries, 'stimulus_id') || null,
    })
    navigate(`/focus-groups/${group.id}`)
  })
  return (
    <Form
      write={write} submit="Create focus group" busy="Creating…" ready={chosen.length >= FEWEST}
      onSubmit={(entries) => void write.send(entries)}
      actions={chosen.length < FEWEST && <span className="muted">Choose at least two participants.</span>}
    >
      <Field label="Topic" name="topic" hint="What the conversation is about">
        {(control) => <input {...control} required minLength={3} maxLength={500} autoComplete="off" />}
      </Field>
      <Questions questions={questions} onChange={setQuestions} />
      <Field label="Stimulus material" name="stimulus_id" hint={stimuli.length ? 'Shown to everyone before the first question' : 'This project has none'}>
        {(control) => (
          <select {...control}>
            <option value="">None</option>
            {stimuli.map((stimulus) => <option key={stimulus.id} value={stimulus.id}>{stimulus.name}</option>)}
          </select>
        )}
      </Field>
      <PersonaPicker chosen={chosen} onChange={setChosen} />
    </Form>
  )
}
