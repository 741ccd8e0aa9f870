import type { ReactNode } from 'react'
import type { Reading } from '../api/useRead'
import { Button } from './Button'
import { Alert } from './Form'

interface Props<T> {
  of: Reading<T>
  children: (data: T) => ReactNode
}

/** What was read, or the wait for it, or why it is not there. */
export function Loaded<T>({ of: { data, loading, failure, reload }, children }: Props<T>) {
  if (data === null && !failure) return <Skeleton />
  return (
    <div className="loaded" aria-busy={loading}>
      {failure && (
        <div className="problem">
          <Alert>{failure.message}</Alert>
          <Button onClick={reload}>Try again</Button>
        </div>
      )}
      {data !== null && children(data)}
    </div>
  )
}

export function Skeleton() {
  return (
    <div className="skeleton" role="status">
      <span className="spoken">Loading</span>
      <i /><i /><i />
    </div>
  )
}

export function Empty({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      <p>{children}</p>
    </div>
  )
}
