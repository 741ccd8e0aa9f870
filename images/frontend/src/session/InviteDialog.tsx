import { useRef, useState } from 'react'
import type { Invitation } from '../api/contract'
import { post } from '../api/request'
import { useWrite } from '../api/useWrite'
import { Button } from '../controls/Button'
import { Dialog } from '../controls/Dialog'
import { Alert } from '../controls/Form'

export function InviteDialog({ onClose }: { onClose: () => void }) {
  const [invitation, setInvitation] = useState<Invitation | null>(null)
  const write = useWrite(async () => setInvitation(await post<Invitation>('/api/invitations')))
  return (
    <Dialog title="Invite a colleague" onClose={onClose}>
      <p>A link lets one person create an account. It works once.</p>
      {invitation && <OneTimeLink {...invitation} />}
      {write.failure && <Alert>{write.failure.message}</Alert>}
      <div className="actions">
        {!invitation && (
          <Button kind="primary" pending={write.pending} busy="Creating…" onClick={() => void write.send()}>
            Create a link
          </Button>
        )}
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  )
}

function OneTimeLink({ path, expires_at }: Invitation) {
  const field = useRef<HTMLInputElement>(null)
  const [copied, setCopied] = useState('')
  async function copy(): Promise<void> {
    field.current?.select()
    try {
      await navigator.clipboard.writeText(location.origin + path)
      setCopied('Copied.')
    } catch {
      // Without https, browsers keep the clipboard to themselves.
      setCopied('Selected: copy it with Ctrl+C or ⌘C.')
    }
  }
  return (
    <div className="field">
      <label htmlFor="one-time-link">One-time link</label>
      <div className="joined">
        <input ref={field} id="one-time-link" readOnly autoFocus value={location.origin + path} onFocus={(event) => event.target.select()} />
        <Button onClick={() => void copy()}>Copy</Button>
      </div>
      <p className="hint">
        Valid until {new Date(expires_at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}.{' '}
        <span role="status">{copied}</span>
      </p>
    </div>
  )
}
