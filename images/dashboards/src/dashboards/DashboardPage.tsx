import { DEFAULT_DASHBOARD_DURATION, DEFAULT_REFRESH_INTERVAL, type DashboardResource } from '@perses-dev/core'
import { Dashboard, DashboardProvider, DatasourceStoreProvider, VariableProvider } from '@perses-dev/dashboards'
import {
  TimeRangeControls,
  TimeRangeProviderWithQueryParams,
  useInitialRefreshInterval,
  useInitialTimeRange,
} from '@perses-dev/plugin-system'
import { Alert, Box, Stack, Typography } from '@mui/material'
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useParams } from 'react-router-dom'
import { dashboard } from './files'
import { datasources } from './prometheus'

/** The dashboard that the path names. */
export function DashboardPage() {
  const { uid = '' } = useParams()
  const { data, error } = useQuery({ queryKey: ['dashboard', uid], queryFn: () => dashboard(uid), staleTime: 60_000 })
  if (error) return <Alert severity="error">{(error as Error).message}</Alert>
  return data ? <View key={uid} resource={data} /> : null
}

function View({ resource }: { resource: DashboardResource }) {
  const { display, duration, refreshInterval } = resource.spec
  const timeRange = useInitialTimeRange(duration ?? DEFAULT_DASHBOARD_DURATION)
  const interval = useInitialRefreshInterval(refreshInterval ?? DEFAULT_REFRESH_INTERVAL)
  const title = display?.name ?? resource.metadata.name
  useEffect(() => {
    document.title = title
  }, [title])
  return (
    <DatasourceStoreProvider dashboardResource={resource} datasourceApi={datasources}>
      <DashboardProvider initialState={{ dashboardResource: resource, isEditMode: false }}>
        <TimeRangeProviderWithQueryParams initialTimeRange={timeRange} initialRefreshInterval={interval}>
          <VariableProvider>
            <Stack direction="row" flexWrap="wrap" gap={1} alignItems="center" sx={{ pb: 1 }}>
              <Box sx={{ flexGrow: 1 }}>
                <Typography variant="h2" component="h1">
                  {title}
                </Typography>
                <Typography color="text.secondary">{display?.description}</Typography>
              </Box>
              <TimeRangeControls />
            </Stack>
            <Dashboard />
          </VariableProvider>
        </TimeRangeProviderWithQueryParams>
      </DashboardProvider>
    </DatasourceStoreProvider>
  )
}
