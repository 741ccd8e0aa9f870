import { expect, test } from 'vitest'
import type { Answer, Group, Persona } from '../api/contract'
import { hear, lastAnswer, rounds, spoken } from './course'

const person = (id: string) => ({ id, persona: { name: id } as Persona })
const answer = (id: number, participant_id: string, question = 0): Answer => ({
  id, participant_id, question, text: 'words', themes: [], cached: false, created_at: '2026-01-01T12:00:00Z',
})
const group = (results: Answer[] = []): Group => ({
  id: 'g', project_id: 'p', project_name: 'Project', topic: 'Tea', state: 'running', participants: 2, answers: results.length, expected: 4, error: null,
  created_at: '2026-01-01T12:00:00Z', questions: ['First?', 'Second?'], stimulus: null, people: [person('Ada'), person('Ben')], results,
})

test('an answer counts once, however often the stream repeats it', () => {
  const once = hear(group(), { kind: 'answer', answer: answer(1, 'Ada') })
  const twice = hear(once, { kind: 'answer', answer: answer(1, 'Ada') })
  expect(twice?.results).toHaveLength(1)
  expect(twice?.answers).toBe(1)
})

test('answers stand in their order, whatever the order of their arrival', () => {
  const heard = [answer(3, 'Ben'), answer(2, 'Ada')].reduce<Group | null>((before, each) => hear(before, { kind: 'answer', answer: each }), group([answer(1, 'Ada')]))
  expect(heard?.results.map(({ id }) => id)).toEqual([1, 2, 3])
  expect(heard && lastAnswer(heard)).toBe(3)
})

test('the state changes without the answers, and the count never falls behind what is seen', () => {
  const { results, ...summary } = group()
  const heard = hear(group([answer(1, 'Ada')]), { kind: 'state', summary: { ...summary, state: 'failed', error: 'The key is wrong.' } })
  expect(heard).toMatchObject({ state: 'failed', error: 'The key is wrong.', answers: 1, results: [{ id: 1 }] })
})

test('before the group is there, its stream says nothing', () => {
  expect(hear(null, { kind: 'answer', answer: answer(1, 'Ada') })).toBeNull()
})

test('each question has who answered it and how many are missing', () => {
  const [first, second] = rounds(group([answer(1, 'Ada'), answer(2, 'Ben'), answer(3, 'Ada', 1)]))
  expect(first).toMatchObject({ question: 'First?', missing: 0, turns: [{ persona: { name: 'Ada' } }, { persona: { name: 'Ben' } }] })
  expect(second).toMatchObject({ question: 'Second?', missing: 1 })
})

test('a run is spoken of at every quarter, not at every answer', () => {
  const words = Array.from({ length: 13 }, (_, answers) => spoken({ ...group(), answers, expected: 12 }))
  expect(new Set(words).size).toBe(5)
  expect(spoken({ ...group(), state: 'finished', answers: 12 })).toMatch(/Finished/)
})
