import { useEffect } from 'react'
import mark from './icon.svg'
import { headline, rows, type Headline, type Knowledge } from './overview'
import { ServiceRow } from './ServiceRow'
import { Symbol } from './Symbol'
import { useKnowledge } from './useKnowledge'

export function StatusPage() {
  const { known, askNow, replies } = useKnowledge()
  const news = headline(known)
  useEffect(() => {
    document.title = `${news.title} · Market Research`
  }, [news.title])

  return (
    <>
      <header className="masthead">
        <img src={mark} alt="" width="40" height="40" />
        <div>
          <h1>Market Research</h1>
          <p>Virtual focus groups with AI</p>
        </div>
      </header>
      <main>
        <Banner {...news} />
        <section aria-labelledby="services">
          <div className="heading">
            <h2 id="services">Services</h2>
            <button type="button" onClick={askNow}>
              Check now
            </button>
          </div>
          <ul className="services" aria-busy={news.mood === 'waiting' && !known.report}>
            {rows(known).map((row) => (
              <ServiceRow key={row.name} {...row} />
            ))}
          </ul>
          <Freshness known={known} />
          {/* The button's effect for those who do not see it; another key makes the same words news again. */}
          <p role="status" className="spoken">
            {replies > 0 && <span key={replies}>Checked: {news.title}.</span>}
          </p>
        </section>
      </main>
      <Footer known={known} />
    </>
  )
}

/** Spoken by screen readers when its words change, and only then. */
function Banner({ mood, title, detail }: Headline) {
  return (
    <div className="banner" data-mood={mood}>
      <Symbol of={mood} />
      <div role="status">
        <p className="banner-title">{title}</p>
        <p>{detail}</p>
      </div>
    </div>
  )
}

function Freshness({ known: { reportedAt, failure } }: { known: Knowledge }) {
  if (!reportedAt) return <p className="freshness">{failure ? 'No report yet. ' : ''}This page asks every few seconds.</p>
  const time = reportedAt.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
  return (
    <p className="freshness">
      {failure ? 'Last report at ' : 'Updated at '}
      <time dateTime={reportedAt.toISOString()}>{time}</time>
      {failure ? '. This page keeps asking, a little less often each time.' : '. This page asks every few seconds.'}
    </p>
  )
}

function Footer({ known: { report } }: { known: Knowledge }) {
  return (
    <footer>
      {report?.version && <span>Version {report.version}</span>}
      {report?.migration && <span>Database revision {report.migration}</span>}
      <a href="/api/docs">API documentation</a>
    </footer>
  )
}
