/** The lines at the top of each screen: what it is about, and what is wrong. */
import {formatBytes, groupDigits} from '../../base/index.ts'
import {durationText, percentText} from '../progress-text.ts'
import type {Style} from './colours.ts'
import {doneFraction, timeLeft} from './facts.ts'
import {warningShownCountMax} from './limits.ts'
import type {MonitorModel, Screen} from './model.ts'
import {screenOf} from './model.ts'
import type {MaintenanceInfo, MonitorJob, Snapshot} from './source.ts'
import {safeText} from './terminal-text.ts'
import {
  agoText,
  bytesPerSecondText,
  clockText,
  counted,
  jobStyles,
  nodeStateText,
  nodeStyles,
  oneLine,
  tasksPerSecondText,
  timeLeftText,
} from './words.ts'

export interface HeaderLine {
  readonly text: string
  readonly style?: Style | undefined
}

/** At least one line, the most important first: on a low terminal the last ones are left out. */
export function headerLines(model: MonitorModel): readonly HeaderLine[] {
  const {snapshot} = model
  const lost = lostLine(model)
  if (snapshot === undefined) return [lost ?? {text: 'asking the cluster …'}]
  const lines = linesOf(screenOf(model), model, snapshot)
  const all = lost === undefined ? lines : [lost, ...lines]
  return all.slice(0, Math.max(1, Math.floor((model.rows - 1) / 4)))
}

function linesOf(screen: Screen, model: MonitorModel, snapshot: Snapshot): HeaderLine[] {
  if (screen.type === 'text') return [{text: screen.title, style: 'bold'}]
  if (screen.type === 'job') return jobLines(model, screen.job)
  if (screen.type === 'node') return nodeLines(model, screen.node)
  return [{text: clusterText(snapshot), style: 'bold'}, ...warningLines(snapshot), ...maintenanceLines(snapshot)]
}

function lostLine({connection, nowMs, facts}: MonitorModel): HeaderLine | undefined {
  if (connection.state === 'up') return undefined
  const {sinceMs, retryAtMs, reason} = connection
  const since = `NO ANSWER since ${clockText(sinceMs, facts.zoneOffsetMinutes)} (${wholeSeconds(nowMs - sinceMs)})`
  const next = retryAtMs > nowMs ? `again in ${wholeSeconds(retryAtMs - nowMs)}` : 'asking again'
  return {text: `${since} · ${next} · ${oneLine(reason)}`, style: 'red'}
}

/** The screen changes once a second, so tenths would be wrong most of the time. */
const wholeSeconds = (ms: number): string =>
  ms < 9950 ? `${Math.max(0, Math.round(ms / 1000))} s` : durationText(Math.max(0, ms))

/** `demo-1 · 3 of 3 nodes up · 2 jobs running · 12 tasks · 1.2 TB free · up 2 h 07 m` */
export function clusterText({cluster, jobs, running}: Snapshot): string {
  const runningJobs = jobs.filter(({state}) => state === 'running').length
  return [
    `disco ${safeText(cluster.address)}`,
    `${cluster.upCount} of ${counted(cluster.nodeCount, 'node')} up`,
    `${counted(runningJobs, 'job')} and ${counted(running.length, 'task')} running`,
    `${formatBytes(cluster.usedBytes)} used, ${formatBytes(cluster.freeBytes)} free`,
    `${counted(cluster.tagCount, 'tag')}, ${counted(cluster.blobCount, 'blob')}`,
    `up ${agoText(cluster.startedAtMs, cluster.nowMs)}`,
  ].join(' · ')
}

function warningLines({cluster: {warnings}}: Snapshot): HeaderLine[] {
  const shown = warnings.slice(0, warningShownCountMax)
  return shown.map((warning, index) => {
    const more = index === shown.length - 1 && warnings.length > shown.length
    const tail = more ? ` (and ${warnings.length - shown.length} more: disco status)` : ''
    return {text: `! ${oneLine(warning)}${tail}`, style: 'yellow'}
  })
}

function maintenanceLines({maintenance}: Snapshot): HeaderLine[] {
  const parts = [maintenanceText(maintenance), ownScrubText(maintenance)].filter(text => text !== '')
  return parts.length === 0 ? [] : [{text: parts.join(' · '), style: 'cyan'}]
}

/** Not among the lines without a terminal: it takes days, and each of its percents would be news. */
function ownScrubText({scrub, ownScrub}: MaintenanceInfo): string {
  if (scrub.isRunning || ownScrub === undefined) return ''
  return `background scrub ${percentText(ownScrub.fraction).trim()}`
}

/** What the cluster does for its data now; empty when that is nothing. */
export function maintenanceText({repair, gc, balance, scrub}: MaintenanceInfo): string {
  const parts: string[] = []
  if (repair.underReplicatedCount > 0 || repair.inFlightCount > 0) {
    const eta = repair.etaMs === undefined ? '' : `, ${durationText(repair.etaMs)} left`
    parts.push(`repair ${counted(repair.underReplicatedCount, 'blob')}, ${formatBytes(repair.bytesLeft)}${eta}`)
  }
  if (repair.missingCount > 0) parts.push(`${counted(repair.missingCount, 'blob')} missing`)
  if (gc.phase !== 'idle') parts.push(`gc ${gc.phase}, ${formatBytes(gc.droppedBytes)} dropped`)
  if (balance.isRunning)
    parts.push(`balance ${counted(balance.movedCount, 'blob')}, ${formatBytes(balance.movedBytes)}`)
  if (scrub.isRunning) parts.push(`scrub ${counted(scrub.blobCount, 'blob')}, ${formatBytes(scrub.bytes)}`)
  if (scrub.corruptCount > 0) parts.push(`${groupDigits(scrub.corruptCount)} corrupt`)
  return parts.join(' · ')
}

function jobLines({detail, facts, snapshot}: MonitorModel, name: string): HeaderLine[] {
  const job = detail?.info.job === name ? detail.info : snapshot?.jobs.find(({job}) => job === name)
  if (job === undefined) return [{text: `${safeText(name)}: the cluster has no such job (any more)`, style: 'yellow'}]
  const rate = facts.rates.get(name)
  const left = timeLeftText(timeLeft(job, rate))
  const head = [`${safeText(name)}  ${job.state}`, percentText(doneFraction(job, job.state === 'done')).trim()]
  if (left !== '') head.push(`${left} left`)
  const lines: HeaderLine[] = [{text: head.join(' · '), style: jobStyles[job.state] ?? 'bold'}]
  if (job.error !== undefined) lines.push(...errorLines(job.error))
  return [...lines, {text: numbersText(job, facts.nowMs, tasksPerSecondText(rate), bytesPerSecondText(rate))}]
}

function errorLines({message, stage, task, node, sample}: NonNullable<MonitorJob['error']>): HeaderLine[] {
  const place = [
    stage === undefined ? '' : `stage ${safeText(stage)}`,
    task === undefined ? '' : `task ${task}`,
    node === undefined ? '' : `on ${safeText(node)}`,
  ].filter(part => part !== '')
  const where = place.length === 0 ? '' : ` (${place.join(', ')})`
  const lines: HeaderLine[] = [{text: oneLine(message) + where, style: 'red'}]
  if (sample !== undefined) lines.push({text: `record: ${oneLine(sample)}`, style: 'yellow'})
  return lines
}

function numbersText(job: MonitorJob, nowMs: number, tasks: string, bytes: string): string {
  const {doneCount, taskCount, runningCount, failedCount} = job
  const parts = [`${groupDigits(doneCount)} of ${counted(taskCount, 'task')}`, `${groupDigits(runningCount)} running`]
  if (failedCount > 0) parts.push(counted(failedCount, 'failed attempt'))
  if (tasks !== '') parts.push(tasks.replace('/s', ' tasks/s'))
  if (bytes !== '') parts.push(bytes)
  parts.push(`since ${agoText(job.submittedAtMs, job.endedAtMs ?? nowMs)}`, `by ${safeText(job.owner)}`)
  return parts.join(' · ')
}

function nodeLines({snapshot, facts}: MonitorModel, name: string): HeaderLine[] {
  const node = snapshot?.nodes.find(node => node.name === name)
  if (node === undefined) return [{text: `${safeText(name)}: the cluster has no such node (any more)`, style: 'yellow'}]
  const {status} = node
  const seen = node.state === 'up' ? [] : [`seen ${agoText(node.lastSeenMs, facts.nowMs)} ago`]
  const head = [
    `${safeText(name)}${node.isMaster ? ' (master)' : ''}  ${nodeStateText(node)}`,
    ...seen,
    `${facts.busyByNode.get(name) ?? 0} of ${counted(node.slotCount, 'slot')} busy`,
  ]
  const lines: HeaderLine[] = [{text: head.join(' · '), style: nodeStyles[node.state] ?? 'bold'}]
  if (status !== undefined) {
    const full = status.isFull ? ', full' : ''
    const holds = [
      `holds ${counted(status.blobCount, 'blob')}, ${counted(status.tagCount, 'tag')}, ${formatBytes(status.usedBytes)}`,
      `${formatBytes(status.freeBytes)} free (${formatBytes(status.reserveBytes)} stay so)${full}`,
    ]
    if (status.corruptCount > 0) holds.push(`${groupDigits(status.corruptCount)} corrupt`)
    lines.push({text: holds.join(' · '), style: status.isFull || status.corruptCount > 0 ? 'yellow' : undefined})
    lines.push({text: `${counted(status.transferCount, 'transfer')} · ${identityText(node)}`})
  } else lines.push({text: identityText(node)})
  return lines
}

const identityText = ({address, pid, version}: Snapshot['nodes'][number]): string =>
  `${safeText(address)} · process ${pid} · version ${safeText(version)}`
