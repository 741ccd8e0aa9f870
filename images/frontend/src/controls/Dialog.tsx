import { useId, useLayoutEffect, useRef, useState, type ReactNode } from 'react'
import { flushSync } from 'react-dom'
import { useWrite } from '../api/useWrite'
import { Button } from './Button'
import { Field, Form } from './Form'
import { focusHeading } from './PageHead'

interface Props {
  title: string
  onClose: () => void
  children: ReactNode
}

/** Open as long as it is rendered; closing gives the focus back to where it came from. */
export function Dialog({ title, onClose, children }: Props) {
  const id = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  // In a layout effect: once it is out of the document, `close` gives no focus back.
  useLayoutEffect(() => {
    const shown = dialog.current
    shown?.showModal()
    shown?.querySelector<HTMLElement>('[data-first]')?.focus()
    return () => shown?.close()
  }, [])
  return (
    <dialog ref={dialog} aria-labelledby={id} onCancel={onClose}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  )
}

interface ConfirmProps extends Props {
  verb: string
  busy: string
  action: () => Promise<unknown>
  onDone: () => void
  /** Words that must be typed first. */
  typed?: { label: string; words: string }
}

export function ConfirmDialog({ title, onClose, children, verb, busy, action, onDone, typed }: ConfirmProps) {
  const [words, setWords] = useState('')
  const ready = !typed || words.trim().toLowerCase() === typed.words.toLowerCase()
  const write = useWrite(async () => {
    await action()
    // What opened this dialog is about to go; and while the dialog is there, nothing below can have the focus.
    flushSync(onDone)
    focusHeading()
  })
  return (
    <Dialog title={title} onClose={onClose}>
      <Form
        write={write} submit={verb} busy={busy} kind="danger" ready={ready}
        // The focus starts on the harmless button: Return, held a little long, must delete nothing.
        onSubmit={() => void write.send()} actions={<Button data-first={!typed || undefined} onClick={onClose}>Cancel</Button>}
      >
        {children}
        {typed && (
          <Field label={typed.label} name="typed">
            {(control) => <input {...control} autoComplete="off" value={words} onChange={(event) => setWords(event.target.value)} />}
          </Field>
        )}
      </Form>
    </Dialog>
  )
}
