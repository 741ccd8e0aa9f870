import { useState } from 'react'
import type { Analysis } from '../api/contract'
import { useRead } from '../api/useRead'
import { Empty, Loaded } from '../controls/Loaded'
import { Communities } from './Communities'
import { Graph } from './Graph'
import { MentionTable } from './MentionTable'
import { Themes } from './Themes'

export function Findings({ id }: { id: string }) {
  const reading = useRead<Analysis>(`/api/focus-groups/${id}/analysis`, { quiet: true })
  const [theme, setTheme] = useState<string | null>(null)
  return (
    <section aria-labelledby="findings">
      <h2 id="findings">Findings</h2>
      <div role="status">
        {reading.passing && <p className="notice">The graph is not there yet. {reading.passing.message} This page keeps asking.</p>}
      </div>
      {(!reading.passing || reading.data) && (
        <Loaded of={reading}>
          {(analysis) =>
            analysis.themes.length ? (
              <>
                <Graph analysis={analysis} theme={theme} onTheme={setTheme} />
                <Themes themes={analysis.themes} theme={theme} onTheme={setTheme} />
                <Communities analysis={analysis} />
                <MentionTable analysis={analysis} />
              </>
            ) : (
              <Empty title="No themes">Nobody mentioned anything that could be grouped.</Empty>
            )
          }
        </Loaded>
      )}
    </section>
  )
}
