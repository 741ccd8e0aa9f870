import { expect, test } from 'vitest'
import { LARGEST_BYTES, objection } from './upload'

test('a picture of exactly the largest size is sent, one byte more is not', () => {
  expect(objection({ type: 'image/png', size: LARGEST_BYTES })).toBeNull()
  expect(objection({ type: 'image/png', size: LARGEST_BYTES + 1 })).toMatch(/10 MB/)
})

test.each(['image/svg+xml', 'text/html', ''])('a file of type "%s" is not sent', (type) => {
  expect(objection({ type, size: 10 })).toMatch(/Choose a PNG/)
})
