import { ChartsProvider, generateChartsTheme, getTheme, TimeZoneProvider } from '@perses-dev/components'
import { PluginRegistry } from '@perses-dev/plugin-system'
import { CssBaseline, ThemeProvider } from '@mui/material'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { useMemo } from 'react'
import { BrowserRouter, Navigate, Route, Routes } from 'react-router-dom'
import { QueryParamProvider } from 'use-query-params'
import { ReactRouter6Adapter } from 'use-query-params/adapters/react-router-6'
import { AlertsPage } from './alerts/AlertsPage'
import { RunbookPage } from './alerts/RunbookPage'
import { DashboardPage } from './dashboards/DashboardPage'
import { pluginLoader } from './dashboards/plugins'
import { Shell } from './Shell'
import { useMode } from './useMode'

const client = new QueryClient({
  // Perses' clients of Prometheus are asked even where the browser believes that there is no network.
  defaultOptions: { queries: { networkMode: 'always', refetchOnWindowFocus: false, retry: 1 } },
})

export function App() {
  const [mode, toggle] = useMode()
  const theme = useMemo(() => getTheme(mode), [mode])
  const charts = useMemo(() => generateChartsTheme(theme, {}), [theme])
  return (
    <ThemeProvider theme={theme}>
      <CssBaseline />
      <BrowserRouter>
        <QueryParamProvider adapter={ReactRouter6Adapter}>
          <QueryClientProvider client={client}>
            <TimeZoneProvider timeZone="local">
              <ChartsProvider chartsTheme={charts}>
                <PluginRegistry pluginLoader={pluginLoader}>
                  <Shell mode={mode} onToggleMode={toggle}>
                    <Routes>
                      <Route path="/" element={<Navigate to="/overview" replace />} />
                      <Route path="/alerts" element={<AlertsPage />} />
                      <Route path="/runbooks/:name" element={<RunbookPage />} />
                      <Route path="/:uid" element={<DashboardPage />} />
                    </Routes>
                  </Shell>
                </PluginRegistry>
              </ChartsProvider>
            </TimeZoneProvider>
          </QueryClientProvider>
        </QueryParamProvider>
      </BrowserRouter>
    </ThemeProvider>
  )
}
