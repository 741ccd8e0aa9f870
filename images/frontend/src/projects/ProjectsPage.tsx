import { Link } from 'wouter'
import type { ProjectSummary } from '../api/contract'
import { post } from '../api/request'
import { useRead } from '../api/useRead'
import { useWrite } from '../api/useWrite'
import { Field, Form, text } from '../controls/Form'
import { Empty, Loaded } from '../controls/Loaded'
import { counted, day } from '../controls/numbers'
import { PageHead } from '../controls/PageHead'

export function ProjectsPage() {
  const projects = useRead<{ items: ProjectSummary[] }>('/api/projects')
  const create = useWrite(async (entries: FormData, form: HTMLFormElement) => {
    await post<ProjectSummary>('/api/projects', { name: text(entries, 'name') })
    form.reset()
    projects.reload()
  })
  return (
    <>
      <PageHead title="Projects" />
      <Form row write={create} submit="Create project" busy="Creating…" onSubmit={(entries, form) => void create.send(entries, form)}>
        <Field label="Name of the new project" name="name">
          {(control) => <input {...control} required maxLength={200} autoComplete="off" />}
        </Field>
      </Form>
      <Loaded of={projects}>{({ items }) => (items.length ? <Projects items={items} /> : <NoProjects />)}</Loaded>
    </>
  )
}

function Projects({ items }: { items: ProjectSummary[] }) {
  return (
    <ul className="rows" aria-label="Projects">
      {items.map((project) => (
        <li key={project.id}>
          <Link href={`/projects/${project.id}`}>{project.name}</Link>
          <span className="muted">
            {counted(project.focus_groups, 'focus group')} · <time dateTime={project.created_at}>{day(project.created_at)}</time>
          </span>
        </li>
      ))}
    </ul>
  )
}

function NoProjects() {
  return <Empty title="No projects yet">A project keeps the focus groups and the stimulus material of one piece of research together.</Empty>
}
