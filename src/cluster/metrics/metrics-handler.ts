/** `/metrics`: everything that this process knows, put together at each scrape. */
import type {Agent} from '../agent/agent.ts'
import type {Handler} from '../http/index.ts'
import {maintenanceOf} from '../master/api/maintenance.ts'
import {clusterOf, type MasterPlace, nodesOf} from '../master/api/nodes.ts'
import type {Master} from '../master/master.ts'
import type {Log} from '../run/log.ts'
import {meshFamilies, storageFamilies} from './agent-metrics.ts'
import {clusterFamilies, jobFamilies} from './master-metrics.ts'
import {processFamilies} from './process-metrics.ts'
import {type Family, prometheusText, prometheusType} from './prometheus.ts'
import type {RequestCounts} from './request-counts.ts'
import {ruleFamilies} from './rule-metrics.ts'

export interface MetricsSources {
  readonly agent: Agent | undefined
  readonly master: Master | undefined
  readonly place: MasterPlace
  readonly counts: RequestCounts
  readonly home: string
  readonly log: Log
}

/**
 * In the text format of Prometheus. What this process is not (agent, master) is left out.
 *
 * @throws ClusterError UNAVAILABLE when the master stops
 */
export function metricsHandler(sources: MetricsSources): Handler {
  return async ({response}) => {
    const text = prometheusText(await familiesOf(sources))
    response.writeHead(200, {'content-type': prometheusType, 'content-length': Buffer.byteLength(text)})
    response.end(text)
    return undefined
  }
}

async function familiesOf({agent, master, place, counts, home, log}: MetricsSources): Promise<Family[]> {
  return [
    ...processFamilies(place.version),
    counts.family(),
    ...meshFamilies({agent: agent?.mesh.counters, master: master?.mesh.counters}),
    ...(agent === undefined ? [] : storageFamilies(agent.status)),
    ...(master === undefined ? [] : await ofCluster(master, place)),
    ...(await ruleFamilies(home, log)),
  ]
}

async function ofCluster(master: Master, place: MasterPlace): Promise<Family[]> {
  const [cluster, nodes, maintenance] = await Promise.all([
    clusterOf(master, place),
    nodesOf(master, place),
    maintenanceOf(master),
  ])
  return [...clusterFamilies(cluster, nodes, maintenance), ...jobFamilies(master.jobs.driver.state)]
}
