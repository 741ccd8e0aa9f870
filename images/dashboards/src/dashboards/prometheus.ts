import type { GlobalDatasourceResource } from '@perses-dev/core'
import type { DatasourceApi } from '@perses-dev/dashboards'

/** The only source of figures: nginx passes its path on to Prometheus. */
const PROMETHEUS: GlobalDatasourceResource = {
  kind: 'GlobalDatasource',
  metadata: { name: 'prometheus', version: 0 },
  spec: {
    default: true,
    plugin: { kind: 'PrometheusDatasource', spec: { directUrl: '/prometheus', scrapeInterval: '15s' } },
  },
}

export const datasources: DatasourceApi = {
  getDatasource: () => Promise.resolve(undefined),
  getGlobalDatasource: () => Promise.resolve(PROMETHEUS),
  listDatasources: () => Promise.resolve([]),
  listGlobalDatasources: () => Promise.resolve([PROMETHEUS]),
}
