import { useEffect, type ReactNode } from 'react'
import { Link } from 'wouter'

interface Props {
  title: string
  /** What the tab says, when it is not the title. */
  tab?: string
  /** The page above this one. */
  up?: { href: string; label: string } | undefined
  children?: ReactNode
}

export function PageHead({ title, tab = title, up, children }: Props) {
  useEffect(() => {
    document.title = `${tab} · Market Research`
  }, [tab])
  return (
    <header className="page-head">
      <div>
        {up && (
          <p className="up">
            <Link href={up.href}>{up.label}</Link>
          </p>
        )}
        <h1 tabIndex={-1}>{title}</h1>
      </div>
      {children && <div className="actions">{children}</div>}
    </header>
  )
}

/** Where a reader goes on after what had the focus is gone. */
export function focusHeading(): void {
  document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true })
}
