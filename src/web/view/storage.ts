/** Storage, and what the cluster does for it: repair, collection, balance, scrub. */
import {formatBytes, groupDigits} from '../../base/index.ts'
import type {MaintenanceInfo, Snapshot} from '../../ui/monitor/source.ts'
import {counted, oneLine} from '../../ui/monitor/words.ts'
import {durationText, percentText} from '../../ui/progress-text.ts'
import {type Element, el} from './element.ts'

interface Fact {
  readonly name: string
  readonly text: string
  readonly style?: 'is-red' | 'is-yellow' | 'is-green' | undefined
}

/** Disks, repair and maintenance, as on the monitor's page. */
export function storageSection({cluster, maintenance}: Snapshot): Element {
  const {usedBytes, freeBytes, tagCount, blobCount} = cluster
  const facts: readonly Fact[] = [
    {name: 'Used', text: `${formatBytes(usedBytes)} of ${formatBytes(usedBytes + freeBytes)}`},
    {name: 'Free', text: formatBytes(freeBytes)},
    {name: 'Holds', text: `${counted(tagCount, 'tag')}, ${counted(blobCount, 'blob')}`},
    repairFact(maintenance.repair),
    collectionFact(maintenance.gc),
    balanceFact(maintenance.balance),
    scrubFact(maintenance),
  ]
  return el(
    'section',
    {id: 'storage', key: 'storage', tabindex: -1, 'aria-labelledby': 'storage-title'},
    el('h2', {id: 'storage-title'}, 'Storage and repair'),
    el('dl', {class: 'facts'}, ...facts.map(factView)),
  )
}

const factView = ({name, text, style}: Fact): Element =>
  el('div', {key: name}, el('dt', {}, name), el('dd', {class: style}, text))

function repairFact({
  underReplicatedCount,
  missingCount,
  inFlightCount,
  bytesLeft,
  etaMs,
}: MaintenanceInfo['repair']): Fact {
  const parts: string[] = []
  if (missingCount > 0) parts.push(`${counted(missingCount, 'blob')} on no node that answers`)
  if (underReplicatedCount > 0 || inFlightCount > 0) {
    const left = etaMs === undefined ? '' : `, ${durationText(etaMs)} left`
    parts.push(`${counted(underReplicatedCount, 'blob')} to copy, ${formatBytes(bytesLeft)}${left}`)
  }
  const style = missingCount > 0 ? 'is-red' : parts.length > 0 ? 'is-yellow' : 'is-green'
  return {name: 'Repair', text: parts.length === 0 ? 'all copies are there' : parts.join(' · '), style}
}

function collectionFact({phase, droppedCount, droppedBytes, heldBack}: MaintenanceInfo['gc']): Fact {
  const dropped = `${counted(droppedCount, 'blob')}, ${formatBytes(droppedBytes)} removed`
  const held = heldBack.length === 0 ? '' : ` · held back: ${heldBack.map(oneLine).join('; ')}`
  return {name: 'Collection', text: `${phase} · ${dropped}${held}`}
}

function balanceFact({isRunning, movedCount, movedBytes, message}: MaintenanceInfo['balance']): Fact {
  const moved = `${counted(movedCount, 'blob')}, ${formatBytes(movedBytes)} moved`
  const said = message === '' ? '' : ` · ${oneLine(message)}`
  return {name: 'Balance', text: `${isRunning ? 'runs' : 'idle'} · ${moved}${said}`}
}

function scrubFact({scrub, ownScrub}: MaintenanceInfo): Fact {
  const {isRunning, blobCount, bytes, corruptCount} = scrub
  const parts = [isRunning ? 'runs' : 'idle']
  if (isRunning || blobCount > 0) parts.push(`${counted(blobCount, 'blob')}, ${formatBytes(bytes)} read`)
  if (corruptCount > 0) parts.push(`${groupDigits(corruptCount)} corrupt`)
  if (ownScrub !== undefined) parts.push(`in the background ${percentText(ownScrub.fraction).trim()}`)
  return {name: 'Scrub', text: parts.join(' · '), style: corruptCount > 0 ? 'is-red' : undefined}
}
