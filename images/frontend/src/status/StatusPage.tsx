import { Button } from '../controls/Button'
import { PageHead } from '../controls/PageHead'
import { headline, rows, type Headline, type Knowledge } from './overview'
import { ServiceRow } from './ServiceRow'
import { Symbol } from './Symbol'
import { useKnowledge } from './useKnowledge'

export function StatusPage() {
  const { known, askNow, replies } = useKnowledge()
  const news = headline(known)
  return (
    <>
      <PageHead title="Status" tab={news.title} />
      <Banner {...news} />
      <section aria-labelledby="services">
        <div className="heading">
          <h2 id="services">Services</h2>
          <Button onClick={askNow}>Check now</Button>
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
      <Revision known={known} />
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

function Revision({ known: { report } }: { known: Knowledge }) {
  return (
    <p className="revision">
      {report?.version && <span>Version {report.version}</span>}
      {report?.migration && <span>Database revision {report.migration}</span>}
    </p>
  )
}
