import { useEffect, useRef, type ReactNode } from 'react'
import { Link, Redirect, Route, Switch, useLocation } from 'wouter'
import type { Session } from './api/contract'
import { useObserved } from './api/observable'
import { useRead } from './api/useRead'
import { Loaded, Skeleton } from './controls/Loaded'
import { focusHeading, PageHead } from './controls/PageHead'
import { FocusGroupPage } from './groups/FocusGroupPage'
import { PersonasPage } from './personas/PersonasPage'
import { NewFocusGroupPage } from './projects/NewFocusGroupPage'
import { ProjectPage } from './projects/ProjectPage'
import { ProjectsPage } from './projects/ProjectsPage'
import { LoginPage } from './session/LoginPage'
import { session } from './session/session'
import { SignUpPage } from './session/SignUpPage'
import { Shell } from './Shell'
import { StatusPage } from './status/StatusPage'
import { UsagePage } from './usage/UsagePage'

export function App() {
  const reading = useRead<Session>('/api/session')
  useEffect(() => {
    if (reading.data) session.set(reading.data)
  }, [reading.data])
  useFocusAfterNavigation()

  return (
    <Shell>
      <Switch>
        <Route path="/status"><StatusPage /></Route>
        <Route path="/sign-up"><SignUpPage /></Route>
        <Route>
          {(reading.passing ?? reading.failure) && !reading.data && <PageHead title="Market Research" />}
          <Loaded of={reading}>
            {() => (
              <Switch>
                <Route path="/login"><LoginPage /></Route>
                <Route><SignedIn><Pages /></SignedIn></Route>
              </Switch>
            )}
          </Loaded>
        </Route>
      </Switch>
    </Shell>
  )
}

/** The key makes another id another page, with nothing left over from the one before. */
function Pages() {
  return (
    <Switch>
      <Route path="/"><ProjectsPage /></Route>
      <Route path="/projects/:id">{({ id }) => <ProjectPage key={id} id={id} />}</Route>
      <Route path="/projects/:id/focus-groups/new">{({ id }) => <NewFocusGroupPage key={id} project={id} />}</Route>
      <Route path="/personas"><PersonasPage /></Route>
      <Route path="/focus-groups/:id">{({ id }) => <FocusGroupPage key={id} id={id} />}</Route>
      <Route path="/usage"><UsagePage /></Route>
      <Route><NotFound /></Route>
    </Switch>
  )
}

function SignedIn({ children }: { children: ReactNode }) {
  const known = useObserved(session)
  const [path] = useLocation()
  if (!known) return <Skeleton />
  if (!known.account) return <Redirect to={path === '/' ? '/login' : `/login?next=${encodeURIComponent(path)}`} replace />
  return children
}

function NotFound() {
  return (
    <>
      <PageHead title="Page not found" />
      <p>Nothing is at this address. <Link href="/">Go to the projects</Link>.</p>
    </>
  )
}

/** Screen readers and the keyboard go on at the new page's heading, as after a page load. */
function useFocusAfterNavigation(): void {
  const [path] = useLocation()
  const shown = useRef(path)
  useEffect(() => {
    if (shown.current === path) return
    shown.current = path
    window.scrollTo(0, 0)
    focusHeading()
  }, [path])
}
