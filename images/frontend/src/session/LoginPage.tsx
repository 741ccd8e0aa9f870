import { Redirect, useSearch } from 'wouter'
import type { Account, Session } from '../api/contract'
import { useObserved } from '../api/observable'
import { post, request } from '../api/request'
import { useWrite } from '../api/useWrite'
import { Button } from '../controls/Button'
import { Alert, Field, Form, text } from '../controls/Form'
import { Skeleton } from '../controls/Loaded'
import { PageHead } from '../controls/PageHead'
import { returnPath, session, signedIn } from './session'

export function LoginPage() {
  const known = useObserved(session)
  const search = useSearch()
  if (!known) return <Skeleton />
  if (known.account) return <Redirect to={returnPath(search)} replace />
  return <div className="narrow">{known.accounts_exist ? <SignIn /> : <FirstRun />}</div>
}

function SignIn() {
  const write = useWrite(async (entries: FormData) => {
    signedIn(await post<{ account: Account }>('/api/session', { email: text(entries, 'email'), password: entries.get('password') }))
  })
  return (
    <>
      <PageHead title="Sign in" />
      <Form write={write} submit="Sign in" busy="Signing in…" onSubmit={(entries) => void write.send(entries)}>
        <Field label="E-mail" name="email">
          {(control) => <input {...control} type="email" autoComplete="username" required />}
        </Field>
        <Field label="Password" name="password">
          {(control) => <input {...control} type="password" autoComplete="current-password" required maxLength={200} />}
        </Field>
      </Form>
      <p className="aside">No account? A colleague can invite you from their account menu.</p>
    </>
  )
}

function FirstRun() {
  const write = useWrite(async () => session.set(await request<Session>('GET', '/api/session')))
  return (
    <>
      <PageHead title="No account yet" />
      <p>
        Type <code>make invite</code> where the stack was brought up; it prints a one-time link. Open it to create the first account.
      </p>
      {write.failure && <Alert>{write.failure.message}</Alert>}
      <div className="actions">
        <Button pending={write.pending} busy="Checking…" onClick={() => void write.send()}>
          Check again
        </Button>
      </div>
    </>
  )
}
