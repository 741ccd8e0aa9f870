import { post } from '../api/request'
import { useWrite } from '../api/useWrite'
import { Button } from '../controls/Button'
import { Dialog } from '../controls/Dialog'
import { Field, Form, text } from '../controls/Form'

export function AddDialog({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const write = useWrite(async (entries: FormData) => {
    await post('/api/personas', {
      name: text(entries, 'name'),
      age: Number(text(entries, 'age')),
      occupation: text(entries, 'occupation'),
      location: text(entries, 'location'),
      description: text(entries, 'description'),
    })
    onDone()
  })
  return (
    <Dialog title="Add a persona" onClose={onClose}>
      <Form
        write={write} submit="Add" busy="Adding…" onSubmit={(entries) => void write.send(entries)}
        actions={<Button onClick={onClose}>Cancel</Button>}
      >
        <div className="columns">
          <Field label="Name" name="name">{(control) => <input {...control} required maxLength={120} autoComplete="off" />}</Field>
          <Field label="Age" name="age">{(control) => <input {...control} type="number" min={18} max={100} required />}</Field>
          <Field label="Occupation" name="occupation">{(control) => <input {...control} required maxLength={120} autoComplete="off" />}</Field>
          <Field label="Location" name="location">{(control) => <input {...control} required maxLength={120} autoComplete="off" />}</Field>
        </div>
        <Field label="Description" name="description" hint="What matters to them, how they decide, what they avoid">
          {(control) => <textarea {...control} rows={4} required maxLength={1000} />}
        </Field>
      </Form>
    </Dialog>
  )
}
