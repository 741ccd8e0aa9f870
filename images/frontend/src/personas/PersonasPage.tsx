import { useEffect, useState } from 'react'
import type { Persona } from '../api/contract'
import { remove } from '../api/request'
import { Button } from '../controls/Button'
import { ConfirmDialog } from '../controls/Dialog'
import { Empty, Loaded } from '../controls/Loaded'
import { counted } from '../controls/numbers'
import { PageHead } from '../controls/PageHead'
import { AddDialog } from './AddDialog'
import { GenerateDialog } from './GenerateDialog'
import { PersonaCard } from './PersonaCard'
import { usePersonas } from './usePersonas'

const PAGE = 20

type Open = { kind: 'generate' } | { kind: 'add' } | { kind: 'delete'; persona: Persona }

export function PersonasPage() {
  const [query, setQuery] = useState('')
  const [offset, setOffset] = useState(0)
  const [open, setOpen] = useState<Open | null>(null)
  const personas = usePersonas(query, offset, PAGE)
  const beyond = offset > 0 && personas.data?.items.length === 0
  useEffect(() => {
    // The last one of the last page is deleted.
    if (beyond) setOffset((before) => Math.max(0, before - PAGE))
  }, [beyond])
  const close = (): void => setOpen(null)
  const done = (): void => {
    close()
    personas.reload()
  }

  return (
    <>
      <PageHead title="Personas">
        <Button onClick={() => setOpen({ kind: 'add' })}>Add a persona</Button>
        <Button kind="primary" onClick={() => setOpen({ kind: 'generate' })}>Generate personas</Button>
      </PageHead>
      <input
        type="search" maxLength={500} aria-label="Search by meaning" placeholder="Search by meaning, for example: cares about prices" value={query}
        onChange={(event) => { setQuery(event.target.value); setOffset(0) }}
      />
      <Loaded of={personas}>
        {({ items, total }) => (
          <>
            <p className="hint" role="status">{query ? `${counted(total, 'persona')}, the most alike first` : counted(total, 'persona')}</p>
            {!items.length && (query ? <Empty title="Nobody found">Try other words.</Empty> : <NoPersonas />)}
            <ul className="cards" aria-label="Personas">
              {items.map((persona) => (
                <PersonaCard key={persona.id} persona={persona} onDelete={() => setOpen({ kind: 'delete', persona })} />
              ))}
            </ul>
            {total > PAGE && (
              <nav className="actions" aria-label="Pages">
                <Button disabled={offset === 0} onClick={() => setOffset(offset - PAGE)}>Previous page</Button>
                <Button disabled={offset + PAGE >= total} onClick={() => setOffset(offset + PAGE)}>Next page</Button>
                <span className="muted">{offset + 1} to {offset + items.length} of {total}</span>
              </nav>
            )}
          </>
        )}
      </Loaded>
      {open?.kind === 'generate' && <GenerateDialog onClose={close} onDone={done} />}
      {open?.kind === 'add' && <AddDialog onClose={close} onDone={done} />}
      {open?.kind === 'delete' && (
        <ConfirmDialog
          title="Delete this persona?" verb="Delete" busy="Deleting…" action={() => remove(`/api/personas/${open.persona.id}`)}
          onDone={done} onClose={close}
        >
          <p>{open.persona.name} can then no longer take part in focus groups.</p>
        </ConfirmDialog>
      )}
    </>
  )
}

function NoPersonas() {
  return <Empty title="No personas yet">Describe an audience and let some be generated, or add one by hand.</Empty>
}
