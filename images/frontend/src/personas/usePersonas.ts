import { useEffect, useState } from 'react'
import type { PersonaPage } from '../api/contract'
import { useRead, type Reading } from '../api/useRead'

const TYPING_MS = 300

/** The newest personas, or the ones nearest in meaning to `query`, asked for when the typing stops. */
export function usePersonas(query: string, offset: number, limit: number): Reading<PersonaPage> {
  const [settled, setSettled] = useState(query)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(query.trim()), TYPING_MS)
    return () => clearTimeout(timer)
  }, [query])
  const words = new URLSearchParams({ limit: String(limit), offset: String(offset), ...(settled && { query: settled }) })
  return useRead<PersonaPage>(`/api/personas?${words}`)
}
