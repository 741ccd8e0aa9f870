import { useRef, useState } from 'react'
import type { Stimulus } from '../api/contract'
import { Failure } from '../api/failure'
import { remove } from '../api/request'
import { MEDIA_TYPES, objection, upload } from '../api/upload'
import { useWrite } from '../api/useWrite'
import { Button } from '../controls/Button'
import { ConfirmDialog } from '../controls/Dialog'
import { Field, Form, text } from '../controls/Form'
import { Empty } from '../controls/Loaded'
import { bytes } from '../controls/numbers'
import { StimulusFigure } from './StimulusFigure'

interface Props {
  project: string
  items: Stimulus[]
  onChange: () => void
}

export function StimulusMaterial({ project, items, onChange }: Props) {
  const [deleting, setDeleting] = useState<Stimulus | null>(null)
  return (
    <section aria-labelledby="stimulus-material">
      <h2 id="stimulus-material">Stimulus material</h2>
      <UploadForm project={project} onDone={onChange} />
      {!items.length && <Empty title="No material yet">Pictures or PDFs that the participants are shown: an advertisement, a packaging, a concept.</Empty>}
      <ul className="figures" aria-label="Stimulus material">
        {items.map((item) => (
          <li key={item.id}>
            <StimulusFigure stimulus={item}>
              <span className="muted">{bytes(item.size)}</span>
              <Button kind="quiet" aria-label={`Delete ${item.name}`} onClick={() => setDeleting(item)}>
                Delete
              </Button>
            </StimulusFigure>
          </li>
        ))}
      </ul>
      {deleting && (
        <ConfirmDialog
          title="Delete this material?" verb="Delete" busy="Deleting…" action={() => remove(`/api/stimuli/${deleting.id}`)}
          onDone={() => { setDeleting(null); onChange() }} onClose={() => setDeleting(null)}
        >
          <p>“{deleting.name}” can then no longer be shown to a focus group.</p>
        </ConfirmDialog>
      )}
    </section>
  )
}

function UploadForm({ project, onDone }: { project: string; onDone: () => void }) {
  const [share, setShare] = useState(0)
  const input = useRef<HTMLInputElement>(null)
  const write = useWrite(async (entries: FormData, form: HTMLFormElement) => {
    const file = input.current?.files?.[0]
    const fault = file ? objection(file) : 'Choose a file.'
    if (!file || fault) throw new Failure(422, 'This file cannot be taken.', null, { file: fault ?? '' })
    setShare(0)
    const words = new URLSearchParams({ name: file.name.slice(-200), description: text(entries, 'description') })
    await upload(`/api/projects/${project}/stimuli?${words}`, file, setShare)
    form.reset()
    onDone()
  })
  return (
    <Form write={write} submit="Upload" busy="Uploading…" onSubmit={(entries, form) => void write.send(entries, form)}>
      <div className="columns">
        <Field label="File" name="file" hint="PNG, JPEG, WebP, GIF or PDF, at most 10 MB">
          {(control) => <input {...control} ref={input} type="file" accept={MEDIA_TYPES.join()} required />}
        </Field>
        <Field label="Description" name="description" hint="What it shows, in a few words">
          {(control) => <input {...control} maxLength={500} autoComplete="off" />}
        </Field>
      </div>
      {write.pending && <progress aria-label="Upload" value={share} max={1} />}
    </Form>
  )
}
