import { useRef, useState } from 'react'
import { useLocation } from 'wouter'
import type { Account } from '../api/contract'
import { remove } from '../api/request'
import { useWrite } from '../api/useWrite'
import { Button } from '../controls/Button'
import { ConfirmDialog } from '../controls/Dialog'
import { Alert } from '../controls/Form'
import { initials } from '../controls/numbers'
import { InviteDialog } from './InviteDialog'
import { signedOut } from './session'

export function AccountMenu({ account }: { account: Account }) {
  const [, navigate] = useLocation()
  const [open, setOpen] = useState<'invite' | 'delete' | null>(null)
  const menu = useRef<HTMLDivElement>(null)
  const leave = (): void => {
    navigate('/login')
    signedOut()
  }
  const signOut = useWrite(async () => {
    await remove('/api/session')
    leave()
  })
  const show = (dialog: 'invite' | 'delete') => (): void => {
    menu.current?.hidePopover()
    setOpen(dialog)
  }
  return (
    <>
      <button type="button" className="account" popoverTarget="account-menu">
        <span className="avatar" aria-hidden="true">{initials(account.name)}</span>
        <span className="spoken">Account: </span>
        <span className="account-name">{account.name}</span>
      </button>
      <div ref={menu} id="account-menu" popover="auto" className="menu">
        <p>{account.email}</p>
        <Button kind="quiet" onClick={show('invite')}>Invite a colleague</Button>
        <Button kind="quiet" pending={signOut.pending} busy="Signing out…" onClick={() => void signOut.send()}>Sign out</Button>
        <Button kind="quiet" onClick={show('delete')}>Delete my account</Button>
        {signOut.failure && <Alert>{signOut.failure.message}</Alert>}
      </div>
      {open === 'invite' && <InviteDialog onClose={() => setOpen(null)} />}
      {open === 'delete' && <DeleteAccount account={account} onClose={() => setOpen(null)} onDone={leave} />}
    </>
  )
}

function DeleteAccount({ account, onClose, onDone }: { account: Account; onClose: () => void; onDone: () => void }) {
  return (
    <ConfirmDialog
      title="Delete your account?" verb="Delete" busy="Deleting…" typed={{ label: 'Type your e-mail to confirm', words: account.email }}
      action={() => remove('/api/accounts/me')} onDone={onDone} onClose={onClose}
    >
      <p>You will be signed out everywhere. Projects and personas stay: they belong to everyone here.</p>
    </ConfirmDialog>
  )
}
