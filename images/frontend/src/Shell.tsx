import type { ReactNode } from 'react'
import { Link, useLocation, useRoute } from 'wouter'
import { useObserved } from './api/observable'
import { waitingReads } from './api/useRead'
import mark from './icon.svg'
import { AccountMenu } from './session/AccountMenu'
import { session } from './session/session'

/** What surrounds every page. */
export function Shell({ children }: { children: ReactNode }) {
  const account = useObserved(session)?.account
  return (
    <>
      <a className="skip" href="#content">Skip to the content</a>
      <header className="masthead">
        <Link href="/" className="brand">
          <img src={mark} alt="" width="28" height="28" />
          Market Research
        </Link>
        {account && (
          <nav aria-label="Main">
            <NavLink href="/" within={/^\/(projects|focus-groups)\//}>Projects</NavLink>
            <NavLink href="/personas">Personas</NavLink>
            <NavLink href="/usage">Usage</NavLink>
          </nav>
        )}
        {account && <AccountMenu account={account} />}
      </header>
      <Outage />
      <main id="content" tabIndex={-1}>{children}</main>
      <footer>
        <Link href="/status">Status</Link>
        <a href="/api/docs">API documentation</a>
      </footer>
    </>
  )
}

function NavLink({ href, within, children }: { href: string; within?: RegExp; children: ReactNode }) {
  const [path] = useLocation()
  return <Link href={href} aria-current={path === href ? 'page' : within?.test(path) || undefined}>{children}</Link>
}

/** The status page says more about it by itself. */
function Outage() {
  const waiting = useObserved(waitingReads) > 0
  const [onStatus] = useRoute('/status')
  return (
    <div role="status" className="outage">
      {waiting && !onStatus && <p>Temporarily unavailable, trying again. Nothing is lost.</p>}
    </div>
  )
}
