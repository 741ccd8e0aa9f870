import { useRef } from 'react'
import { Button } from '../controls/Button'
import { Field } from '../controls/Form'

const MOST = 6

export function Questions({ questions, onChange }: { questions: string[]; onChange: (questions: string[]) => void }) {
  const group = useRef<HTMLFieldSetElement>(null)
  // After React has drawn the change, the focus goes to the field where typing goes on.
  const focusField = (index: number): void => {
    setTimeout(() => group.current?.querySelectorAll('textarea')[index]?.focus())
  }
  return (
    <fieldset ref={group}>
      <legend>Questions</legend>
      {questions.map((question, index) => (
        <div className="question-field" key={index}>
          <Field label={`Question ${index + 1}`} name={`questions.${index}`}>
            {(control) => (
              <textarea
                {...control} required rows={2} minLength={3} maxLength={500} value={question}
                onChange={(event) => onChange(questions.with(index, event.target.value))}
              />
            )}
          </Field>
          {questions.length > 1 && (
            <Button
              kind="quiet" aria-label={`Remove question ${index + 1}`}
              onClick={() => { onChange(questions.toSpliced(index, 1)); focusField(Math.max(0, index - 1)) }}
            >
              Remove
            </Button>
          )}
        </div>
      ))}
      {questions.length < MOST && (
        <Button onClick={() => { onChange([...questions, '']); focusField(questions.length) }}>Add a question</Button>
      )}
    </fieldset>
  )
}
