import type { Theme } from '../api/contract'
import { counted } from '../controls/numbers'
import { SIGNS, STANCES } from './stances'

interface Props {
  themes: Theme[]
  theme: string | null
  onTheme: (theme: string | null) => void
}

export function Themes({ themes, theme, onTheme }: Props) {
  return (
    <>
      <h3 id="themes">Themes</h3>
      <ol className="themes" aria-labelledby="themes">
        {themes.map((each) => (
          <li key={each.theme} className="card" data-chosen={each.theme === theme}>
            <div className="theme-head">
              <h4>{each.theme}</h4>
              <button
                type="button" className="button quiet" aria-pressed={each.theme === theme} aria-label={`Show ${each.theme} in the graph`}
                onClick={() => onTheme(each.theme === theme ? null : each.theme)}
              >
                Show
              </button>
            </div>
            <p className="muted">Centrality {each.score.toFixed(2)} · {counted(each.mentions, 'mention')}</p>
            <Balance of={each} />
            {each.quotes.map((quote) => (
              <figure className="quote" key={`${quote.participant_id} ${quote.text}`} data-stance={quote.stance}>
                <blockquote className="voice">{quote.text}</blockquote>
                <figcaption className="muted">
                  <span aria-hidden="true">{SIGNS[quote.stance]}</span> {quote.participant}, {quote.stance}
                </figcaption>
              </figure>
            ))}
          </li>
        ))}
      </ol>
    </>
  )
}

/** How the mentions divide: as a bar for the eye, in words for all. */
function Balance({ of: theme }: { of: Theme }) {
  const present = STANCES.filter((stance) => theme[stance] > 0)
  return (
    <div className="balance">
      <div className="bar" aria-hidden="true">
        {present.map((stance) => <span key={stance} data-stance={stance} style={{ flexGrow: theme[stance] }} />)}
      </div>
      <p>{present.map((stance) => `${SIGNS[stance]} ${theme[stance]} ${stance}`).join(', ')}</p>
    </div>
  )
}
