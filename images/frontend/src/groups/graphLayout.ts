/** Where the graph's nodes lie: the same analysis always gives the same picture. */

import { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY } from 'd3-force'
import type { Analysis, Stance } from '../api/contract'
import { STANCES } from './stances'

export interface Node {
  key: string
  kind: 'participant' | 'theme'
  label: string
  radius: number
  /** Place of the participant's community in the analysis; none for themes. */
  community: number
  x: number
  y: number
}

export interface Edge {
  from: Node
  to: Node
  stance: Stance
  count: number
  /** Several stances of one person to one theme bend apart: -1, 0 or 1. */
  bend: number
}

export interface Picture {
  nodes: Node[]
  edges: Edge[]
  height: number
}

export const MOST_THEMES = 14
const NARROW = 500
const STEPS = 200
/** Square pixels for each node, as long as the page stays no longer than `MOST_HEIGHT`. */
const AREA = 20_000
const MOST_HEIGHT = 640

export function layout(analysis: Analysis, width: number): Picture {
  const people = new Map(analysis.participants.map((participant) => [participant.id, participantNode(participant, analysis)]))
  const themes = new Map(analysis.themes.slice(0, MOST_THEMES).map(({ theme, score }) => [theme, themeNode(theme, score)]))
  const edges = analysis.mentions.flatMap(({ participant_id, theme, stance, count }) => {
    const from = people.get(participant_id)
    const to = themes.get(theme)
    return from && to ? [{ from, to, stance, count, bend: 0 }] : []
  })
  const nodes = [...people.values(), ...themes.values()]
  const height = Math.round(Math.min(MOST_HEIGHT, Math.max(360, (AREA * nodes.length) / width)))
  place(nodes, edges, width, height)
  return { nodes, edges: bent(edges), height }
}

function participantNode({ id, name, community }: Analysis['participants'][number], { communities }: Analysis): Node {
  const place = communities.findIndex((each) => each.id === community)
  return { key: id, kind: 'participant', label: name, radius: 15, community: Math.max(0, place), x: 0, y: 0 }
}

function themeNode(theme: string, score: number): Node {
  return { key: `theme ${theme}`, kind: 'theme', label: theme, radius: 7 + 15 * Math.sqrt(Math.max(0, Math.min(1, score))), community: -1, x: 0, y: 0 }
}

function place(nodes: Node[], edges: Edge[], width: number, height: number): void {
  // The side of each node's share of the area: all forces grow with it.
  const room = Math.sqrt((width * height) / nodes.length)
  nodes.forEach((node, index) => {
    const angle = (2 * Math.PI * index) / nodes.length
    node.x = room * Math.cos(angle)
    node.y = room * Math.sin(angle)
  })
  // At least the words below each node.
  const words = forceCollide<Node>((node) => Math.max(node.radius + 17, 0.4 * room)).iterations(3)
  const simulation = forceSimulation(nodes)
    .force('links', forceLink(edges.map(({ from, to }) => ({ source: from, target: to }))).distance(room).strength(0.05))
    .force('apart', forceManyBody().strength(-3 * room))
    .force('words', words)
    .force('across', forceX(0).strength(0.05))
    .force('down', forceY(0).strength(0.05))
    .stop()
    .tick(STEPS)
  fit(nodes, width, height)
  // The frame may have pushed some into each other: now only the words count.
  simulation.force('links', null).force('apart', null).force('across', null).force('down', null).alpha(0.3)
  for (let step = 0; step < STEPS / 4; step += 1) {
    simulation.tick()
    for (const node of nodes) {
      const frame = frameOf(node, width, height)
      node.x = Math.max(frame.left, Math.min(frame.right, node.x))
      node.y = Math.max(frame.top, Math.min(frame.bottom, node.y))
    }
  }
}

/** Where a node may lie so that it and its words are seen whole. */
function frameOf({ radius }: Node, width: number, height: number): Record<'left' | 'right' | 'top' | 'bottom', number> {
  const across = width < NARROW ? 46 : 64
  return { left: across, right: width - across, top: radius + 8, bottom: height - radius - 24 }
}

function fit(nodes: Node[], width: number, height: number): void {
  const ends = (values: number[]): [number, number] => [Math.min(...values), Math.max(...values)]
  const [left, right] = ends(nodes.map(({ x }) => x))
  const [top, bottom] = ends(nodes.map(({ y }) => y))
  for (const node of nodes) {
    const frame = frameOf(node, width, height)
    node.x = frame.left + ((node.x - left) / (right - left || 1)) * (frame.right - frame.left)
    node.y = frame.top + ((node.y - top) / (bottom - top || 1)) * (frame.bottom - frame.top)
  }
}

function bent(edges: Edge[]): Edge[] {
  const pair = ({ from, to }: Edge): string => `${from.key} ${to.key}`
  const sizes = new Map<string, number>()
  for (const edge of edges) sizes.set(pair(edge), (sizes.get(pair(edge)) ?? 0) + 1)
  return edges.map((edge) => (sizes.get(pair(edge)) === 1 ? edge : { ...edge, bend: STANCES.indexOf(edge.stance) - 1 }))
}

/** The line of an edge in SVG's words. */
export function line({ from, to, bend }: Edge): string {
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1
  const sway = (bend * 18) / length
  const control = `${round(middle.x - (to.y - from.y) * sway)} ${round(middle.y + (to.x - from.x) * sway)}`
  return `M${round(from.x)} ${round(from.y)}Q${control} ${round(to.x)} ${round(to.y)}`
}

const round = (value: number): number => Math.round(value * 10) / 10

/** A label that stays within the frame and off its neighbours. */
export function shortened(label: string, width: number): string {
  const most = width < NARROW ? 13 : 18
  const letters = [...label]
  return letters.length > most ? `${letters.slice(0, most - 1).join('').trimEnd()}…` : label
}
