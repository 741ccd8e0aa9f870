import { afterEach, expect, test, vi } from 'vitest'
import { forgetInvitation, takeInvitation } from './invitation'

function at(hash: string): ReturnType<typeof vi.fn> {
  const replaceState = vi.fn()
  vi.stubGlobal('location', { hash, pathname: '/sign-up', search: '' })
  vi.stubGlobal('history', { state: null, replaceState })
  return replaceState
}
afterEach(() => vi.unstubAllGlobals())

test('the token leaves the address bar and is still there for another try', () => {
  const replaceState = at('#secret')
  expect(takeInvitation()).toBe('secret')
  expect(replaceState).toHaveBeenCalledWith(null, '', '/sign-up')
  at('')
  expect(takeInvitation()).toBe('secret')
  forgetInvitation()
  expect(takeInvitation()).toBe('')
})
