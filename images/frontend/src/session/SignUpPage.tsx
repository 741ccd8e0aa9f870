import { useEffect, useState } from 'react'
import { useLocation } from 'wouter'
import type { Account } from '../api/contract'
import { post } from '../api/request'
import { useWrite } from '../api/useWrite'
import { Field, Form, text } from '../controls/Form'
import { PageHead } from '../controls/PageHead'
import { forgetInvitation, takeInvitation } from './invitation'
import { signedIn } from './session'

export function SignUpPage() {
  const [invitation, setInvitation] = useState(takeInvitation)
  const [, navigate] = useLocation()
  useEffect(() => {
    // Another link opened in this tab changes the fragment alone.
    const follow = (): void => setInvitation(takeInvitation())
    window.addEventListener('hashchange', follow)
    return () => window.removeEventListener('hashchange', follow)
  }, [])
  const write = useWrite(async (entries: FormData) => {
    const account = { invitation, email: text(entries, 'email'), name: text(entries, 'name'), password: entries.get('password') }
    const answer = await post<{ account: Account }>('/api/accounts', account)
    forgetInvitation()
    navigate('/', { replace: true })
    signedIn(answer)
  })

  return (
    <div className="narrow">
      <PageHead title="Create your account" />
      {!invitation && (
        <p>This page needs a one-time link: ask a colleague to invite you, or type <code>make invite</code> where the stack was brought up.</p>
      )}
      {invitation && (
        <Form write={write} submit="Create account" busy="Creating…" onSubmit={(entries) => void write.send(entries)}>
          <Field label="Name" name="name">
            {(control) => <input {...control} autoComplete="name" required maxLength={120} />}
          </Field>
          <Field label="E-mail" name="email">
            {(control) => <input {...control} type="email" autoComplete="username" required maxLength={254} />}
          </Field>
          <Field label="Password" name="password" hint="At least 12 characters. A link made for an account that is there sets its password anew.">
            {(control) => <input {...control} type="password" autoComplete="new-password" required minLength={12} maxLength={200} />}
          </Field>
        </Form>
      )}
    </div>
  )
}
