import { useQuery } from '@tanstack/react-query'
import { firing } from './alerts'

const SECONDS = 15

/** What fires, asked again every few seconds. */
export function useAlerts() {
  return useQuery({ queryKey: ['alerts'], queryFn: firing, refetchInterval: SECONDS * 1000 })
}

/** How many alerts people are told about at the moment; those that follow from another are not counted. */
export function useFiring(): number {
  const { data } = useAlerts()
  return data?.alerts.filter(({ status }) => status.state !== 'suppressed').length ?? 0
}
