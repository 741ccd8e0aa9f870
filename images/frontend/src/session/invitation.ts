/** The token of a one-time link stays in memory: the address bar ends in histories and screenshots. */
let token = ''

export function takeInvitation(): string {
  if (location.hash.length > 1) {
    token = location.hash.slice(1)
    history.replaceState(history.state, '', location.pathname + location.search)
  }
  return token
}

export function forgetInvitation(): void {
  token = ''
}
