/**
 * What clients saw, and whether it can be true.
 *
 * Every change carries its number as the author of its line in the tag's history, so the histories that the nodes hold
 * at the end are a witness: one order of all changes that happened. Against it each answer is checked: that makes the
 * check of linearizability one pass instead of a search.
 */
import type {TagChange, TagLogLine, Version} from '../../src/protocol/index.ts'
import {compareVersions, isSameVersion} from '../../src/protocol/index.ts'

export interface Operation {
  readonly id: number
  readonly tag: string
  readonly change?: TagChange
  readonly startedMs: number
  endedMs: number
  /** `unknown`: it may or may not have happened. `refused`: it did not. */
  outcome: 'ok' | 'missing' | 'refused' | 'unknown'
  version?: Version
  /** What a read found, as the numbers of the appends. */
  tokens?: readonly string[]
  existed?: boolean
}

interface Point {
  readonly version: Version | undefined
  readonly operation: Operation | undefined
  /** After it; undefined: missing or deleted. */
  readonly tokens: readonly string[] | undefined
}

/** @returns what cannot be true, in words; empty when all is well */
export function checkHistory(tag: string, operations: readonly Operation[], lines: readonly TagLogLine[]): string[] {
  const problems: string[] = []
  const byId = new Map(operations.map(operation => [String(operation.id), operation]))
  const points = replay(lines, byId, problems)
  checkChanges(operations, points, problems)
  checkReads(operations, points, problems)
  checkOrder(operations, points, problems)
  return problems.map(problem => `${tag}: ${problem}`)
}

function replay(lines: readonly TagLogLine[], byId: ReadonlyMap<string, Operation>, problems: string[]): Point[] {
  const points: Point[] = [{version: undefined, operation: undefined, tokens: undefined}]
  let tokens: readonly string[] = []
  let state: 'missing' | 'live' | 'deleted' | 'purged' = 'missing'
  for (const line of lines) {
    if (compareVersions(line.version, points.at(-1)!.version) <= 0)
      problems.push(`version ${text(line.version)} goes back`)
    const operation = byId.get(line.by)
    const change = operation?.change ?? ({type: line.change} as TagChange)
    if (operation !== undefined && change.type !== line.change) problems.push(`${line.by} is a ${line.change}`)
    switch (change.type) {
      case 'append':
      case 'replace': {
        const kept = state === 'live' && change.type === 'append' ? tokens : []
        tokens = [...kept, ...change.entries.map(entry => ('blob' in entry ? entry.blob : ''))]
        state = 'live'
        break
      }
      case 'set-attributes':
        if (state !== 'live') tokens = []
        state = 'live'
        break
      case 'remove': {
        const gone = new Set(change.entries.map(entry => ('blob' in entry ? entry.blob : '')))
        tokens = tokens.filter(token => !gone.has(token))
        break
      }
      case 'delete':
        if (state === 'live') state = 'deleted'
        break
      case 'restore':
        if (state === 'deleted') state = 'live'
        break
      case 'purge':
        if (state === 'deleted') state = 'purged'
        break
      default:
    }
    points.push({version: line.version, operation, tokens: state === 'live' ? tokens : undefined})
  }
  return points
}

/** Nothing acknowledged is lost, nothing happens twice, nothing refused happens. */
function checkChanges(operations: readonly Operation[], points: readonly Point[], problems: string[]): void {
  const happened = new Map<Operation, Point>()
  for (const point of points) {
    if (point.operation === undefined) continue
    if (happened.has(point.operation)) problems.push(`change ${point.operation.id} happened twice`)
    happened.set(point.operation, point)
  }
  for (const operation of operations) {
    if (operation.change === undefined) continue
    const point = happened.get(operation)
    const isQuiet = operation.change.type === 'delete' && operation.existed === false && operation.version === undefined
    if (operation.outcome === 'ok' && !isQuiet) {
      if (point === undefined) problems.push(`acknowledged change ${operation.id} (${operation.change.type}) is lost`)
      else if (!isSameVersion(point.version, operation.version)) {
        problems.push(`change ${operation.id} was answered ${text(operation.version)} and is ${text(point.version)}`)
      }
    } else if (operation.outcome === 'refused' && point !== undefined) {
      problems.push(`refused change ${operation.id} happened`)
    }
  }
}

function checkReads(operations: readonly Operation[], points: readonly Point[], problems: string[]): void {
  for (const operation of operations) {
    if (operation.outcome !== 'ok' || operation.tokens === undefined) continue
    const point = points.find(each => isSameVersion(each.version, operation.version))
    if (point === undefined)
      problems.push(`read ${operation.id} saw version ${text(operation.version)}, which never was`)
    else if (point.tokens?.join() !== operation.tokens.join()) {
      const seen = operation.tokens.map(short).join()
      const was = point.tokens?.map(short).join() ?? 'no tag'
      problems.push(`read ${operation.id} at ${text(operation.version)} saw ${seen}, it was ${was}`)
    }
  }
}

/** Each answer fits a moment between its question and itself: no older than all that ended before, no newer than it. */
function checkOrder(operations: readonly Operation[], points: readonly Point[], problems: string[]): void {
  const indexOf = (version: Version | undefined): number =>
    points.findIndex(each => isSameVersion(each.version, version))
  const seen = operations
    .filter(operation => operation.outcome === 'ok' && operation.version !== undefined)
    .map(operation => ({operation, index: indexOf(operation.version)}))
  for (const operation of operations) {
    if (operation.outcome !== 'ok' && operation.outcome !== 'missing') continue
    let low = 0
    for (const other of seen) {
      if (other.operation.endedMs < operation.startedMs) low = Math.max(low, other.index)
    }
    let high = points.length - 1
    for (let index = 1; index < points.length; index++) {
      if ((points[index]!.operation?.startedMs ?? 0) > operation.endedMs) {
        high = index - 1
        break
      }
    }
    if (operation.version !== undefined) {
      const index = indexOf(operation.version)
      if (index < low || index > high) problems.push(`${operation.id} saw ${text(operation.version)} out of order`)
      continue
    }
    // Without a version the answer says: there was no tag.
    const candidates = points.slice(low, high + 1)
    if (!candidates.some(point => point.tokens === undefined)) problems.push(`${operation.id} did not see the tag`)
  }
}

const text = (version: Version | undefined): string =>
  version === undefined ? 'none' : `${version.epoch}.${version.counter}`
const short = (token: string): string => String(Number.parseInt(token, 16))
