/** What the API says, as agreed with it. Ids are UUIDs, times ISO 8601 in UTC. */

export interface Account {
  id: string
  email: string
  name: string
}

export interface Session {
  account: Account | null
  accounts_exist: boolean
}

export interface Invitation {
  path: string
  expires_at: string
}

export interface Persona {
  id: string
  name: string
  age: number
  occupation: string
  location: string
  description: string
  created_at: string
  similarity: number | null
}

export interface PersonaPage {
  items: Persona[]
  total: number
}

export interface ProjectSummary {
  id: string
  name: string
  created_at: string
  focus_groups: number
}

export interface Project {
  id: string
  name: string
  created_at: string
  focus_groups: GroupSummary[]
  stimuli: Stimulus[]
}

export interface Stimulus {
  id: string
  name: string
  description: string
  media_type: string
  size: number
  created_at: string
}

export type GroupState = 'planned' | 'running' | 'finished' | 'failed'

export interface GroupSummary {
  id: string
  project_id: string
  topic: string
  state: GroupState
  participants: number
  answers: number
  expected: number
  error: string | null
  created_at: string
}

export interface Group extends GroupSummary {
  project_name: string
  questions: string[]
  stimulus: Stimulus | null
  people: Person[]
  results: Answer[]
}

export interface Person {
  id: string
  persona: Persona
}

export type Stance = 'positive' | 'neutral' | 'negative'

export interface Answer {
  /** Rises with time. */
  id: number
  participant_id: string
  question: number
  text: string
  themes: { theme: string; stance: Stance }[]
  cached: boolean
  created_at: string
}

export interface Analysis {
  participants: { id: string; name: string; community: number }[]
  /** The most central first. */
  themes: Theme[]
  mentions: Mention[]
  communities: { id: number; participants: string[]; themes: string[] }[]
}

export interface Theme extends Record<Stance, number> {
  theme: string
  score: number
  mentions: number
  quotes: { participant_id: string; participant: string; text: string; stance: Stance }[]
}

export interface Mention {
  participant_id: string
  theme: string
  stance: Stance
  count: number
}

export interface Tokens {
  calls: number
  cached: number
  input_tokens: number
  output_tokens: number
}

export interface Usage {
  total: Tokens
  by_model: (Tokens & { model: string })[]
  /** Without a project: personas and searches. */
  by_project: (Tokens & { project_id: string | null; project: string | null; model: string })[]
}
