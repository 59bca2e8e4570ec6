/** Endpoints about what the cluster does by itself: repair, collection, balance, scrub; and the check of everything. */
import {ClusterError, UserError} from '../../../base/index.ts'
import {
  type CollectionStatus,
  checkTagPage,
  type FsckProblem,
  makeFsck,
  type ScrubStatus,
  summariseFsck,
} from '../../../ddfs/index.ts'
import {type CheckInfo, type GcInfo, type MaintenanceInfo, pageSizeMax, type TagHead} from '../../../protocol/index.ts'
import {answerSlowly, type Handler, readBody} from '../../http/index.ts'
import type {Master} from '../master.ts'
import {checkBody, collectBody, emptyBody} from './schemas.ts'

/** Deletions that one answer lists. */
const deletionsToldMax = 1000

type Names = 'maintenance' | 'collect' | 'balance' | 'scrub' | 'check'

/**
 * `collect`, `balance` and `scrub` begin their work and answer at once. `check` walks all tags before it answers, and ends
 * when the caller goes away.
 */
export function maintenanceHandlers(master: Master): Record<Names, Handler> {
  const answer = async (): Promise<{readonly body: MaintenanceInfo}> => ({body: await maintenanceOf(master)})
  return {
    maintenance: answer,
    collect: async ({request}) => {
      const {isDryRun} = await readBody(request, collectBody)
      const {round} = await master.blobs.ask({type: 'gc-start', isDryRun}, 'gc-started')
      const info = await maintenanceOf(master)
      return {body: {...info, gc: {...info.gc, askedRound: round}}}
    },
    balance: async ({request}) => {
      await readBody(request, emptyBody)
      await master.blobs.ask({type: 'balance-start'}, 'balance-started')
      return answer()
    },
    scrub: async ({request}) => {
      await readBody(request, emptyBody)
      await master.blobs.ask({type: 'scrub-start'}, 'scrub-started')
      return answer()
    },
    check: async ({request, response, signal}) => {
      const {prefix = ''} = await readBody(request, checkBody)
      return answerSlowly(response, () => checkAll(master, prefix, signal))
    },
  }
}

/** How far repair, collection, balance and scrub are. @throws ClusterError UNAVAILABLE when the master stops */
export async function maintenanceOf(master: Master): Promise<MaintenanceInfo> {
  const {status} = await master.blobs.ask({type: 'status'}, 'status')
  const {repair, balance, scrubRequest: scrub} = status
  return {
    repair: {
      underReplicatedCount: repair.underCount,
      missingCount: repair.missingCount,
      inFlightCount: repair.inFlightCount,
      bytesLeft: repair.bytesLeft,
      ...(repair.etaMs === undefined ? {} : {etaMs: repair.etaMs}),
    },
    gc: gcOf(master, status.collection),
    balance: {
      isRunning: balance.state === 'running',
      movedCount: balance.movedCount,
      movedBytes: balance.movedBytes,
      message: balance.reason ?? '',
      round: balance.round,
      bytesLeft: balance.leftBytes,
      ...(balance.etaMs === undefined ? {} : {etaMs: balance.etaMs}),
    },
    ...ownScrubOf(status.scrubs),
    scrub: {
      isRunning: scrub?.isRunning ?? false,
      blobCount: scrub?.readCount ?? 0,
      bytes: scrub?.readBytes ?? 0,
      corruptCount: scrub?.corruptCount ?? 0,
      round: scrub?.round ?? 0,
      leftOut: scrub?.leftOut ?? [],
    },
  }
}

function ownScrubOf(scrubs: readonly ScrubStatus[]): Pick<MaintenanceInfo, 'ownScrub'> {
  const under = scrubs.filter(({fraction}) => fraction < 1)
  if (under.length === 0) return {}
  const fraction = under.reduce((total, scrub) => total + scrub.fraction, 0) / under.length
  return {ownScrub: {nodeCount: under.length, fraction}}
}

/** About the round that runs, or else the last one; never a mix of two. */
function gcOf(master: Master, {round, last, waitingCount}: CollectionStatus): GcInfo {
  const shown = round ?? last
  const counts = shown?.counts
  // The driver keeps the list of the last round that had one.
  const deletionCount = counts?.droppedCount ?? 0
  const told = deletionCount === 0 ? [] : (master.blobs.lastDeletions?.deletions ?? [])
  return {
    phase: round?.phase ?? (waitingCount > 0 ? 'wait' : 'idle'),
    isDryRun: shown?.isDryRun ?? false,
    round: shown?.number ?? 0,
    endedRound: last?.number ?? 0,
    candidateCount: counts?.lookedCount ?? 0,
    suspectCount: counts?.suspectCount ?? 0,
    droppedCount: counts?.droppedCount ?? 0,
    droppedBytes: counts?.droppedBytes ?? 0,
    heldBack: shown?.reason === undefined ? [] : [shown.reason],
    ...(round?.givesUpInMs === undefined ? {} : {givesUpInMs: round.givesUpInMs}),
    deletions: told.slice(0, deletionsToldMax),
    deletionCount,
  }
}

/** Walks all tags once. What changes meanwhile is seen before or after its change. */
async function checkAll(master: Master, prefix: string, signal: AbortSignal): Promise<CheckInfo> {
  const fsck = makeFsck(
    tag => master.tags.state.tags.get(tag)?.head?.deletedAtMs === undefined && master.tags.state.tags.has(tag),
  )
  const problems: CheckInfo['problems'][number][] = []
  let after = ''
  for (;;) {
    const list = await master.tags.ask({type: 'list', prefix, after, count: pageSizeMax, includeDeleted: false}, 'list')
    for (const head of list.heads) {
      signal.throwIfAborted()
      await checkTag(master, fsck, head, problems)
    }
    if (list.next === undefined) break
    after = list.next
  }
  const summary = summariseFsck(fsck)
  // A copy that was corrupt is set aside and made again: as long as that has not happened, the blob is told as `under` or `missing`.
  const blobProblems = summary.problems.filter(problem => problem.type !== 'corrupt')
  const {corrupt: _, over: surplusCount, ...problemCounts} = summary.problemCounts
  const found = [...problems, ...blobProblems.map(toldOf)]
  const blobProblemCount = Object.values(problemCounts).reduce((all, count) => all + count, 0)
  const {status} = await master.blobs.ask({type: 'status'}, 'status')
  return {
    tagCount: summary.tagCount,
    entryCount: summary.entryCount,
    blobCount: status.blobCount,
    problems: found,
    problemCount: problems.length + blobProblemCount,
    surplus: summary.surplus.map(toldOf),
    surplusCount,
  }
}

async function checkTag(
  master: Master,
  fsck: ReturnType<typeof makeFsck>,
  head: TagHead,
  problems: CheckInfo['problems'][number][],
): Promise<void> {
  const {tag} = head
  const nodeCount = master.memberNames().length
  const wanted = Math.min(Math.max(head.replicaCount, master.settings.numbers().replicas), nodeCount)
  if (head.replicas.length < wanted) {
    problems.push({
      kind: 'tag-under-replicated',
      tag,
      detail: `${tag} is on ${head.replicas.length} of ${wanted} nodes`,
    })
  }
  try {
    let after = 0
    for (;;) {
      const page = await master.tags.ask(
        {type: 'entries', tag, after, count: pageSizeMax, includeDeleted: false},
        'entries',
      )
      checkTagPage(fsck, master.blobs.state, page.head, page.entries, after === 0)
      const last = page.entries.at(-1)
      if (!page.hasMore || last === undefined) return
      after = last.number
    }
  } catch (error) {
    // It went, or was never acknowledged: a crash left it on too few nodes.
    if (error instanceof UserError && error.code === 'TAG_NOT_FOUND') return
    if (!(error instanceof ClusterError)) throw error
    problems.push({kind: 'tag-unreadable', tag, detail: `${tag}: ${error.message}`})
  }
}

function toldOf(problem: Exclude<FsckProblem, {type: 'corrupt'}>): CheckInfo['problems'][number] {
  const {tag} = problem
  switch (problem.type) {
    case 'missing': {
      const last = problem.lostNodes.length === 0 ? '' : `, last seen on ${problem.lostNodes.join(', ')}`
      return {
        kind: 'missing-blob',
        tag,
        blob: problem.blob,
        detail: `${problem.blob} of ${tag} is on no node that answers${last}`,
      }
    }
    case 'under':
    case 'over': {
      const kind = problem.type === 'under' ? 'under-replicated' : 'over-replicated'
      return {
        kind,
        tag,
        blob: problem.blob,
        detail: `${problem.blob} of ${tag} has ${problem.liveCount} copies, ${problem.wantedCount} are wanted`,
      }
    }
    case 'size':
      return {
        kind: 'size-differs',
        tag,
        blob: problem.blob,
        detail: `${problem.blob} of ${tag} should have ${problem.tagBytes} bytes and has ${problem.storedBytes}`,
      }
    case 'dangling':
      return {kind: 'dangling-link', tag, detail: `${tag} names the tag ${problem.link}, which does not exist`}
  }
}
