import * as bar from '@perses-dev/bar-chart-plugin'
import * as gauge from '@perses-dev/gauge-chart-plugin'
import { dynamicImportPluginLoader, type PluginModuleResource } from '@perses-dev/plugin-system'
import * as prometheus from '@perses-dev/prometheus-plugin'
import * as stat from '@perses-dev/stat-chart-plugin'
import * as table from '@perses-dev/table-plugin'
import * as timeSeries from '@perses-dev/timeseries-chart-plugin'

/** Of these Prometheus is asked for the end of the chosen time alone: a range would be fetched for its last point. */
const INSTANT = { queryOptions: { mode: 'instant' as const } }

const MODULES: { getPluginModule: () => unknown }[] = [
  prometheus,
  timeSeries,
  table,
  { ...stat, StatChart: { ...stat.StatChart, ...INSTANT } } as typeof stat,
  { ...gauge, GaugeChart: { ...gauge.GaugeChart, ...INSTANT } } as typeof gauge,
  { ...bar, BarChart: { ...bar.BarChart, ...INSTANT } } as typeof bar,
]

export const pluginLoader = dynamicImportPluginLoader(
  MODULES.map((module) => ({
    resource: module.getPluginModule() as PluginModuleResource,
    importPlugin: () => Promise.resolve(module),
  })),
)
