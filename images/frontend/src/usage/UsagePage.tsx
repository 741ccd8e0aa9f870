import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { Tokens, Usage } from '../api/contract'
import { useRead } from '../api/useRead'
import { Empty, Loaded } from '../controls/Loaded'
import { PageHead } from '../controls/PageHead'

export function UsagePage() {
  const usage = useRead<Usage>('/api/usage')
  return (
    <>
      <PageHead title="Usage" />
      <p className="lead">What the language models were asked and what they answered, in tokens. Answers from the cache cost none.</p>
      <Loaded of={usage}>
        {({ total, by_model, by_project }) => (
          <>
            <Totals of={total} />
            <TokenTable title="Tokens by model" first="Model" rows={by_model.map((row) => ({ name: row.model, tokens: row }))} />
            <TokenTable
              title="Tokens by project" first="Project"
              rows={by_project.map((row) => ({ name: <ProjectName {...row} />, tokens: row, key: `${row.project_id} ${row.model}` }))}
            />
          </>
        )}
      </Loaded>
    </>
  )
}

function ProjectName({ project_id, project, model }: Usage['by_project'][number]) {
  return (
    <>
      {project_id ? <Link href={`/projects/${project_id}`}>{project ?? 'Project'}</Link> : 'Outside of projects'}
      <span className="muted">{model}</span>
    </>
  )
}

function Totals({ of }: { of: Tokens }) {
  const figures: [string, number][] = [
    ['Calls', of.calls], ['From the cache', of.cached], ['Input tokens', of.input_tokens], ['Output tokens', of.output_tokens],
  ]
  return (
    <dl className="totals">
      {figures.map(([title, value]) => (
        <div key={title}><dt>{title}</dt><dd>{value.toLocaleString()}</dd></div>
      ))}
    </dl>
  )
}

interface TableProps {
  title: string
  first: string
  rows: { name: ReactNode; tokens: Tokens; key?: string }[]
}

function TokenTable({ title, first, rows }: TableProps) {
  const id = title.toLowerCase().replaceAll(' ', '-')
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {!rows.length && <Empty title="Nothing yet">Generate personas or run a focus group.</Empty>}
      {rows.length > 0 && (
        <table aria-labelledby={id}>
          <thead>
            <tr>
              <th scope="col">{first}</th><th scope="col" className="number">Calls</th>
              <th scope="col" className="number">Input</th><th scope="col" className="number">Output</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, tokens, key }) => (
              <tr key={key ?? String(name)}>
                <th scope="row">{name}</th>
                <td className="number">{tokens.calls.toLocaleString()}<span className="muted">{tokens.cached.toLocaleString()} cached</span></td>
                <td className="number">{tokens.input_tokens.toLocaleString()}</td>
                <td className="number">{tokens.output_tokens.toLocaleString()}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
