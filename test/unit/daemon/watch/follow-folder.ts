import {mkdirSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {onTestFinished} from 'vitest'
import {
  type ChunkTarget,
  type FollowOptions,
  followFolder,
  type LeftBehind,
  type Report,
} from '../../../../src/daemon/index.ts'
import {openWatchLedger} from '../../../../src/storage/index.ts'
import {FolderCluster} from './folder-cluster.ts'
import {testOptions} from './test-options.ts'

export interface Place {
  readonly logs: string
  readonly ledger: string
  readonly cluster: FolderCluster
  readonly clusterFolder: string
  readonly reports: Report[]
}

export function newPlace(): Place {
  const root = mkdtempSync(join(tmpdir(), 'watch-'))
  onTestFinished(() => rmSync(root, {recursive: true, force: true}))
  const logs = join(root, 'logs')
  mkdirSync(logs)
  const clusterFolder = join(root, 'cluster')
  return {
    logs,
    ledger: join(root, 'ledger.sqlite'),
    cluster: new FolderCluster(clusterFolder),
    clusterFolder,
    reports: [],
  }
}

/** One life of a follower in this process; ends when the signal aborts or with `isOnce`. */
export async function follow(
  place: Place,
  changes: Partial<FollowOptions> = {},
  signal: AbortSignal = new AbortController().signal,
  target: ChunkTarget = place.cluster,
): Promise<LeftBehind | undefined> {
  const ledger = await openWatchLedger(place.ledger, place.logs)
  const onReport = (report: Report): void => void place.reports.push(report)
  try {
    return await followFolder({...testOptions(place.logs, place.ledger), onReport, ...changes}, ledger, target, signal)
  } finally {
    ledger.close()
  }
}

export const drain = (place: Place, changes: Partial<FollowOptions> = {}): Promise<LeftBehind | undefined> =>
  follow(place, {isOnce: true, ...changes})

/** Follows while `work` goes on, then stops. */
export async function whileFollowing(
  place: Place,
  work: () => Promise<void>,
  changes: Partial<FollowOptions> = {},
): Promise<void> {
  const stopping = new AbortController()
  const following = follow(place, changes, stopping.signal)
  try {
    await Promise.race([work(), following.then(() => Promise.reject(new Error('it stopped by itself')))])
  } finally {
    stopping.abort()
    await following
  }
}
