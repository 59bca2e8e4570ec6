/** All invariants of the tag coordinator. Costs a pass over everything: for tests, the simulator and on demand. */
import {assert} from '../../base/index.ts'
import {compareVersions, isSameVersion} from '../../protocol/index.ts'
import type {TagRecord, TagsState, Work} from './state.ts'

/** @throws InvariantError naming what does not hold */
export function checkTags(state: TagsState): void {
  for (const record of state.tags.values()) checkRecord(state, record)
  for (const work of state.works.values()) checkWork(state, work)
  for (const member of state.members.values()) {
    assert(!member.isUp || !member.isRemoved, `${member.node} is not up and removed`)
    assert(!member.hasInventory || member.isUp, `only a node that is up has told what it holds: ${member.node}`)
  }
  for (const tag of state.mending) assert(state.works.has(tag), `mending of ${tag} has work`)
  for (const tag of state.tombstones.keys()) {
    assert(state.tags.get(tag)?.head?.deletedAtMs !== undefined, `${tag} is a tombstone`)
  }
  assert(state.touched.size === 0, 'nothing is left undone at the end of a step')
  assert(state.requestCount >= 0, 'no request is answered twice')
  assert(state.requestCount === waitingCount(state), 'every request waits somewhere')
}

function checkRecord(state: TagsState, record: TagRecord): void {
  const {tag, head, copies} = record
  assert(!record.isOwned || head !== undefined, `${tag} is owned, so it is there`)
  assert(new Set(copies.map(copy => copy.node)).size === copies.length, `${tag} has one copy a node`)
  if (head === undefined) return
  assert(head.tag === tag, `${tag} has its own head`)
  assert(head.replicas.length > 0, `${tag} has replicas`)
  assert(new Set(head.replicas).size === head.replicas.length, `${tag} has different replicas`)
  assert(head.version.epoch <= state.epoch, `${tag} has no version of a later master`)
  if (!record.isOwned) return
  if (head.version.epoch === state.epoch) {
    assert(
      head.version.counter <= Math.max(record.issuedCounter, head.version.counter),
      `${tag} has a version given out`,
    )
  }
  const {phase} = state.works.get(tag) ?? {phase: {type: 'idle'}}
  if (phase.type !== 'commit') return
  for (const copy of copies) {
    const isKnown = compareVersions(copy.version, {epoch: state.epoch, counter: record.issuedCounter}) <= 0
    assert(isKnown, `${copy.node} has no version of ${tag} that was not given out`)
  }
}

function checkWork(state: TagsState, work: Work): void {
  const {phase, tag} = work
  const mendJobs = work.queue.filter(job => job.type === 'mend').length
  assert(mendJobs <= 1, `${tag} is mended once at a time`)
  assert(phase.type !== 'hold' || work.syncs.size > 0, `the queue of ${tag} is held for a sync`)
  if (phase.type !== 'commit') return
  assert(phase.flights.length > 0, `a commit phase of ${tag} has flights`)
  let before = state.tags.get(tag)?.head?.version
  for (const {commit} of phase.flights) {
    assert(isSameVersion(commit.base, before), `the flights of ${tag} follow each other`)
    assert(commit.next.epoch === state.epoch, `${tag} is changed in this epoch`)
    assert(compareVersions(commit.next, commit.base) > 0, `versions of ${tag} grow`)
    before = commit.next
  }
}

function waitingCount(state: TagsState): number {
  let count = 0
  for (const work of state.works.values()) {
    count += work.queue.filter(job => job.type !== 'mend').length
    count += work.nextReaders.length + (work.round?.readers.length ?? 0) + work.pageReads
    if (work.phase.type !== 'commit') continue
    count += work.phase.flights.filter(flight => flight.job !== undefined && !flight.isAnswered).length
  }
  return count
}
