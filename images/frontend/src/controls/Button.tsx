import type { ComponentProps } from 'react'

interface Props extends ComponentProps<'button'> {
  kind?: 'primary' | 'plain' | 'danger' | 'quiet'
  /** Under way: it says `busy` and does nothing, yet keeps the focus. */
  pending?: boolean
  busy?: string
  'data-first'?: boolean | undefined
}

export function Button({ kind = 'plain', pending = false, busy, children, onClick, type = 'button', ...rest }: Props) {
  return (
    <button
      {...rest}
      type={type}
      className={`button ${kind}`}
      aria-disabled={pending || undefined}
      onClick={(event) => (pending ? event.preventDefault() : onClick?.(event))}
    >
      {pending && busy ? busy : children}
    </button>
  )
}
