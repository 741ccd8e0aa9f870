import { post } from '../api/request'
import { useWrite } from '../api/useWrite'
import { Button } from '../controls/Button'
import { Dialog } from '../controls/Dialog'
import { Field, Form, text } from '../controls/Form'

export function GenerateDialog({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const write = useWrite(async (entries: FormData) => {
    await post('/api/personas/generate', { audience: text(entries, 'audience'), count: Number(text(entries, 'count')) })
    onDone()
  })
  return (
    <Dialog title="Generate personas" onClose={onClose}>
      <Form
        write={write} submit="Generate" busy="Generating…" onSubmit={(entries) => void write.send(entries)}
        actions={<Button onClick={onClose}>Cancel</Button>}
      >
        <Field label="Audience" name="audience" hint="Who they are and what they have in common">
          {(control) => <textarea {...control} rows={3} required minLength={3} maxLength={500} />}
        </Field>
        <Field label="How many" name="count">
          {(control) => <input {...control} type="number" min={1} max={12} defaultValue={6} required />}
        </Field>
        {write.pending && <p className="hint" role="status">This may take a minute.</p>}
      </Form>
    </Dialog>
  )
}
