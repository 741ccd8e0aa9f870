import type { Account, Session } from '../api/contract'
import { observable } from '../api/observable'
import { onSessionLost } from '../api/request'

/** Who is signed in; null until the API has said it. */
export const session = observable<Session | null>(null)

export function signedIn({ account }: { account: Account }): void {
  session.set({ account, accounts_exist: true })
}

export function signedOut(): void {
  session.set({ account: null, accounts_exist: true })
}

onSessionLost(signedOut)

/** Where to go after signing in: a page of this site and nothing else, whatever the address says. */
export function returnPath(search: string): string {
  const next = new URLSearchParams(search).get('next') ?? '/'
  return /^\/(?![/\\])/.test(next) ? next : '/'
}
