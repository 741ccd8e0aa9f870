import type { DashboardResource } from '@perses-dev/core'
import { request } from '../request'

/** An entry of the menu: `uid` is the dashboard's address. */
export interface Entry {
  uid: string
  title: string
  description: string
}

/** The dashboards that this stack has, in the order of the menu. */
export async function menu(): Promise<Entry[]> {
  return (await request('/dashboards.json')).json()
}

/** One of them, as Perses describes it. */
export async function dashboard(uid: string): Promise<DashboardResource> {
  return (await request(`/dashboards/${encodeURIComponent(uid)}.json`)).json()
}
