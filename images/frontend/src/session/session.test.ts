import { expect, test } from 'vitest'
import { returnPath } from './session'

test('after signing in, people come back to where they were', () => {
  expect(returnPath('next=%2Fprojects%2F7')).toBe('/projects/7')
  expect(returnPath('')).toBe('/')
})

test.each(['https://elsewhere.example', '//elsewhere.example', '/\\elsewhere.example', 'javascript:alert(1)'])('no address leads to %s', (next) => {
  expect(returnPath(`next=${encodeURIComponent(next)}`)).toBe('/')
})
