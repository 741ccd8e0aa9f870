import { expect, test } from 'vitest'
import { failureFrom } from './failure'

test("the API's own sentence is what people read", () => {
  expect(failureFrom(409, { detail: 'It takes part in a focus group.' })).toMatchObject({ message: 'It takes part in a focus group.', fields: {} })
})

test('each complaint about an entry goes to its field, the first one wins', () => {
  const detail = [
    { loc: ['body', 'email'], msg: 'Value error, this is no e-mail address' },
    { loc: ['body', 'email'], msg: 'too short' },
    { loc: ['body', 'questions', 1], msg: 'String should have at least 3 characters' },
  ]
  const fields = { email: 'this is no e-mail address', 'questions.1': 'This needs at least 3 characters' }
  expect(failureFrom(422, { detail }).fields).toEqual(fields)
})

test('nobody is shown a regular expression', () => {
  const detail = [{ loc: ['body', 'email'], msg: "String should match pattern '^[^@]+$'", type: 'string_pattern_mismatch' }]
  expect(failureFrom(422, { detail }).fields.email).not.toMatch(/pattern/)
})

test.each([
  ['300', /in 5 minutes/],
  ['40', /in 40 seconds/],
  ['1', /in 1 second\./],
  [null, /in a moment/],
  ['Wed, 21 Oct 2026 07:28:00 GMT', /in a moment/],
])('too many attempts with Retry-After %s say how long to wait', (retryAfter, words) => {
  expect(failureFrom(429, { detail: 'Locked.' }, retryAfter).message).toMatch(words)
})

test.each([[0, true], [502, true], [503, true], [504, true], [500, false], [401, false], [404, false], [413, false]])('%i passes by itself: %s', (status, passing) => {
  expect(failureFrom(status).passing).toBe(passing)
})

test('a conflict passes by itself only when it says when', () => {
  expect(failureFrom(409, null, '1').passing).toBe(true)
  expect(failureFrom(409).passing).toBe(false)
})

test("a proxy's page in place of JSON still becomes a sentence", () => {
  expect(failureFrom(413, null).message).toMatch(/too large/)
  expect(failureFrom(500, '<html>').message).toMatch(/500/)
})
