import { expect, test } from 'vitest'
import type { Analysis, Mention, Stance } from '../api/contract'
import { layout, line, MOST_THEMES, shortened } from './graphLayout'

function analysis(people: number, themes: number, mentions: Mention[] = everyone(people, themes)): Analysis {
  return {
    participants: Array.from({ length: people }, (_, index) => ({ id: `p${index}`, name: `Person ${index}`, community: index % 2 ? 9 : 4 })),
    themes: Array.from({ length: themes }, (_, index) => ({
      theme: `t${index}`, score: 1 - index / themes, mentions: 1, positive: 1, neutral: 0, negative: 0, quotes: [],
    })),
    mentions,
    communities: [{ id: 4, participants: [], themes: [] }, { id: 9, participants: [], themes: [] }],
  }
}

function everyone(people: number, themes: number): Mention[] {
  return Array.from({ length: people * themes }, (_, index) => mention(`p${index % people}`, `t${Math.floor(index / people)}`, 'positive'))
}

function mention(participant_id: string, theme: string, stance: Stance): Mention {
  return { participant_id, theme, stance, count: 1 }
}

test.each([[320, 2, 1], [320, 12, 14], [960, 12, 14]])('at %i pixels, %i people and %i themes stay in the frame and apart', (width, people, themes) => {
  const { nodes, height } = layout(analysis(people, themes), width)
  for (const { x, y, radius } of nodes) {
    expect(x).toBeGreaterThanOrEqual(radius)
    expect(x).toBeLessThanOrEqual(width - radius)
    expect(y).toBeGreaterThanOrEqual(radius)
    expect(y).toBeLessThanOrEqual(height - radius - 14)
  }
  const gaps = nodes.flatMap((one, index) => nodes.slice(index + 1).map((other) => Math.hypot(one.x - other.x, one.y - other.y) - one.radius - other.radius))
  expect(Math.min(...gaps)).toBeGreaterThan(0)
})

test('the same analysis always gives the same picture', () => {
  expect(layout(analysis(5, 6), 800)).toEqual(layout(analysis(5, 6), 800))
})

test('only the most central themes are drawn, with the edges to them', () => {
  const { nodes, edges } = layout(analysis(2, 30), 800)
  expect(nodes.filter(({ kind }) => kind === 'theme')).toHaveLength(MOST_THEMES)
  expect(edges).toHaveLength(2 * MOST_THEMES)
})

test('a community is known by its place, whatever its number', () => {
  expect(layout(analysis(3, 1), 800).nodes.map(({ community }) => community)).toEqual([0, 1, 0, -1])
})

test('two stances of one person to one theme do not hide each other', () => {
  const { edges } = layout(analysis(1, 1, [mention('p0', 't0', 'positive'), mention('p0', 't0', 'negative')]), 800)
  expect(new Set(edges.map(line)).size).toBe(2)
})

test('a mention of somebody unknown draws nothing', () => {
  expect(layout(analysis(1, 1, [mention('nobody', 't0', 'positive')]), 800).edges).toEqual([])
})

test('a long label is cut by letters, not by half of one', () => {
  expect(shortened('🍫'.repeat(30), 320)).toBe(`${'🍫'.repeat(12)}…`)
  expect(shortened('price', 320)).toBe('price')
})
