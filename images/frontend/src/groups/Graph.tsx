import { useMemo } from 'react'
import type { Analysis } from '../api/contract'
import { initials } from '../controls/numbers'
import { layout, line, MOST_THEMES, shortened, type Edge, type Node } from './graphLayout'
import { SIGNS, STANCES } from './stances'
import { useWidth } from './useWidth'

interface Props {
  analysis: Analysis
  theme: string | null
  onTheme: (theme: string | null) => void
}

/** A picture for the eye and the mouse; the lists below say the same to everyone. */
export function Graph({ analysis, theme, onTheme }: Props) {
  const [frame, width] = useWidth<HTMLDivElement>()
  const picture = useMemo(() => (width ? layout(analysis, width) : null), [analysis, width])
  const away = ({ to }: Edge): boolean => theme !== null && to.label !== theme
  return (
    <figure className="graph">
      <div ref={frame} className="graph-frame">
        {picture && (
          <svg viewBox={`0 0 ${width} ${picture.height}`} role="img" aria-label="Graph of participants and themes">
            {picture.edges.map((edge) => (
              <path
                key={`${edge.from.key} ${edge.to.key} ${edge.stance}`} className="edge" d={line(edge)}
                data-stance={edge.stance} data-away={away(edge)} strokeWidth={1 + Math.min(3, edge.count)}
              />
            ))}
            {picture.nodes.map((node) => (
              <Dot key={node.key} node={node} width={width} chosen={node.label === theme} onTheme={() => onTheme(node.label === theme ? null : node.label)} />
            ))}
          </svg>
        )}
      </div>
      <figcaption>
        <Legend />
        {analysis.themes.length > MOST_THEMES && <p>The {MOST_THEMES} most central of {analysis.themes.length} themes.</p>}
      </figcaption>
    </figure>
  )
}

function Dot({ node, width, chosen, onTheme }: { node: Node; width: number; chosen: boolean; onTheme: () => void }) {
  const { kind, label, radius, community, x, y } = node
  const isTheme = kind === 'theme'
  return (
    <g className={`dot ${kind}`} data-community={community % 6} data-chosen={chosen} transform={`translate(${x} ${y})`} onClick={isTheme ? onTheme : undefined}>
      <title>{label}</title>
      {isTheme ? <rect x={-radius} y={-radius} width={2 * radius} height={2 * radius} rx={radius / 3} /> : <circle r={radius} />}
      {!isTheme && <text className="inside" dy="0.35em">{initials(label)}</text>}
      <text y={radius + 14}>{isTheme ? shortened(label, width) : `${shortened(label.split(' ')[0] ?? '', width)} (${communityLetter(community)})`}</text>
    </g>
  )
}

function Legend() {
  return (
    <ul className="legend">
      {STANCES.map((stance) => (
        <li key={stance}>
          <svg viewBox="0 0 36 8" aria-hidden="true"><path className="edge" d="M0 4H36" data-stance={stance} strokeWidth="2.5" /></svg>
          {SIGNS[stance]} {stance}
        </li>
      ))}
      <li>Squares are themes, the larger the more central. Circles are people; letter and colour tell their group.</li>
    </ul>
  )
}

export function communityLetter(place: number): string {
  return String.fromCharCode(65 + (place % 26))
}
