import { createContext, useContext, useEffect, useId, useRef, useState, type ReactNode } from 'react'
import type { Failure } from '../api/failure'
import { Button } from './Button'

const Complaints = createContext<Record<string, string>>({})

interface Props {
  write: { pending: boolean; failure: Failure | null; done: number }
  onSubmit: (entries: FormData, form: HTMLFormElement) => void
  submit: string
  busy: string
  /** Beside the submit button. */
  actions?: ReactNode
  row?: boolean
  kind?: 'primary' | 'danger'
  /** Whether it may be sent. */
  ready?: boolean
  children: ReactNode
}

/** A form whose failures appear at their fields, or above the button when they belong to none. */
export function Form({ write: { pending, failure, done }, onSubmit, submit, busy, actions, row = false, kind = 'primary', ready = true, children }: Props) {
  const form = useRef<HTMLFormElement>(null)
  const [elsewhere, setElsewhere] = useState<string[]>([])
  useEffect(() => {
    if (!failure || !form.current) return
    const { elements } = form.current
    setElsewhere(Object.entries(failure.fields).flatMap(([name, words]) => (elements.namedItem(name) ? [] : [`${name}: ${words}`])))
    form.current.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [failure])

  return (
    <Complaints value={failure?.fields ?? {}}>
      <form
        ref={form}
        className={row ? 'form row' : 'form'}
        onSubmit={(event) => {
          event.preventDefault()
          if (ready && !pending) onSubmit(new FormData(event.currentTarget), event.currentTarget)
        }}
      >
        {children}
        {failure && <Alert>{[failure.message, ...elsewhere].join(' ')}</Alert>}
        <div className="actions">
          <Button type="submit" kind={kind} pending={pending} busy={busy} disabled={!ready}>
            {submit}
          </Button>
          {actions}
          {/* For those who do not see what it changed; another key makes the same word news again. */}
          <span role="status" className="spoken">{done > 0 && !pending && <span key={done}>Done.</span>}</span>
        </div>
      </form>
    </Complaints>
  )
}

export function Alert({ children }: { children: ReactNode }) {
  return (
    <p role="alert" className="alert">
      {children}
    </p>
  )
}

interface ControlProps {
  id: string
  name: string
  'aria-describedby': string | undefined
  'aria-invalid': boolean | undefined
}

interface FieldProps {
  label: string
  name: string
  hint?: string
  /** Receives what ties the control to its label, hint and complaint. */
  children: (control: ControlProps) => ReactNode
}

export function Field({ label, name, hint, children }: FieldProps) {
  const id = useId()
  const complaint = useContext(Complaints)[name]
  const described = [hint && `${id}-hint`, complaint && `${id}-complaint`].filter(Boolean).join(' ')
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {hint && <p id={`${id}-hint`} className="hint">{hint}</p>}
      {children({ id, name, 'aria-describedby': described || undefined, 'aria-invalid': complaint ? true : undefined })}
      {complaint && <p id={`${id}-complaint`} className="complaint">{complaint}</p>}
    </div>
  )
}

export function text(entries: FormData, name: string): string {
  return String(entries.get(name) ?? '').trim()
}
