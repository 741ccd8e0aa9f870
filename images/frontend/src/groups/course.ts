/** The course of a focus group, worked out from what the API told so far; no React in here. */

import type { Answer, Group, GroupSummary, Persona } from '../api/contract'

export type RunEvent =
  | { kind: 'loaded'; group: Group }
  | { kind: 'answer'; answer: Answer }
  | { kind: 'state'; summary: GroupSummary }

/** A stream that starts again repeats answers, and a page loaded late has some already: each counts once, in order. */
export function hear(group: Group | null, event: RunEvent): Group | null {
  if (event.kind === 'loaded') return event.group
  if (!group) return null
  if (event.kind === 'state') return { ...group, ...event.summary, answers: Math.max(event.summary.answers, group.results.length) }
  const { answer } = event
  if (group.results.some(({ id }) => id === answer.id)) return group
  const results = [...group.results, answer].sort((one, other) => one.id - other.id)
  return { ...group, results, answers: Math.max(group.answers, results.length) }
}

export function lastAnswer({ results }: Group): number {
  return results.at(-1)?.id ?? 0
}

export interface Turn {
  answer: Answer
  persona: Persona | undefined
}

export interface Round {
  question: string
  turns: Turn[]
  /** How many have not answered yet. */
  missing: number
}

export function rounds({ questions, people, results }: Group): Round[] {
  const personas = new Map(people.map(({ id, persona }) => [id, persona]))
  return questions.map((question, index) => {
    const turns = results
      .filter((answer) => answer.question === index)
      .map((answer) => ({ answer, persona: personas.get(answer.participant_id) }))
    return { question, turns, missing: Math.max(0, people.length - turns.length) }
  })
}

/** For those who hear the page: other words only at every quarter and at the end. */
export function spoken({ state, answers, expected }: GroupSummary): string {
  if (state === 'finished') return `Finished: ${answers} answers.`
  if (state === 'failed') return 'The run stopped.'
  if (state === 'planned' || expected === 0) return ''
  const quarter = Math.floor((4 * answers) / expected)
  return quarter === 0 ? 'Running.' : `Running: ${quarter * 25} percent of the answers are in.`
}
