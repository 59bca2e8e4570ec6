/** Clients that change and read a few tags, and note what they were told. */
import type {TagQuery} from '../../src/ddfs/index.ts'
import type {TagChange} from '../../src/protocol/index.ts'
import type {Cluster} from './cluster.ts'
import type {Operation} from './history.ts'
import type {Outcome} from './sim-master.ts'

const timeoutMs = 3000

/** Codes that say that nothing was changed. */
const refusals = new Set([
  'VERSION_CHANGED',
  'TAG_NOT_FOUND',
  'UNAVAILABLE',
  'OVERLOADED',
  'TAG_TOO_LARGE',
  'STALE_EPOCH',
])

export class SimClients {
  readonly operations: Operation[] = []
  readonly #cluster: Cluster
  readonly #tags: readonly string[]
  #isOver = false

  constructor(cluster: Cluster, tags: readonly string[]) {
    this.#cluster = cluster
    this.#tags = tags
  }

  start(clientCount: number): void {
    for (let index = 0; index < clientCount; index++) this.#goOn()
  }

  stop(): void {
    this.#isOver = true
  }

  #goOn(): void {
    const {world} = this.#cluster
    // In bursts, so that there are queues.
    const pauseMs = world.chance(0.3) ? 0 : world.random.int(500)
    world.after(pauseMs, () => {
      if (!this.#isOver) this.act(world.random.pick(this.#tags), this.#pickChange(), () => this.#goOn())
    })
  }

  /** Asks some master; `onEnd` when there is an answer, or when it is not waited for any longer. */
  act(tag: string, change: TagChange | undefined, onEnd: (operation: Operation) => void): void {
    const {world, masters} = this.#cluster
    const id = this.operations.length + 1
    const operation: Operation = {
      id,
      tag,
      ...(change === undefined ? {} : {change: withToken(change, id)}),
      startedMs: world.nowMs,
      endedMs: Number.POSITIVE_INFINITY,
      outcome: 'unknown',
    }
    this.operations.push(operation)
    let isOver = false
    const end = (outcome?: Outcome): void => {
      if (isOver) return
      isOver = true
      if (outcome !== undefined) note(operation, outcome, world.nowMs)
      onEnd(operation)
    }
    world.after(timeoutMs + 100, () => end())
    if (masters.length === 0) return
    const master = world.chance(0.7) ? masters.at(-1)! : world.random.pick(masters)
    const query = this.#queryOf(operation)
    world.after(1 + world.random.int(3), () =>
      master.ask(query, timeoutMs, outcome => world.after(1 + world.random.int(3), () => end(outcome))),
    )
  }

  #queryOf(operation: Operation): TagQuery {
    const {tag, change} = operation
    const {world} = this.#cluster
    if (change === undefined) return {type: 'entries', tag, after: 0, count: 1000, includeDeleted: false}
    const known = this.operations.findLast(each => each.tag === tag && each.version !== undefined)?.version
    const isCompared = known !== undefined && world.chance(0.1)
    return {type: 'change', tag, change, by: String(operation.id), ...(isCompared ? {ifVersion: known.counter} : {})}
  }

  #pickChange(): TagChange | undefined {
    const {random} = this.#cluster.world
    const dice = random.int(100)
    if (dice < 35) return undefined
    if (dice < 75) return {type: 'append', entries: [], unique: 'none'}
    if (dice < 80) return {type: 'replace', entries: []}
    if (dice < 88) return {type: 'delete'}
    if (dice < 93) return {type: 'restore'}
    if (dice < 97) return {type: 'set-attributes', set: {color: String(dice)}, unset: []}
    const earlier = this.operations.filter(operation => operation.change?.type === 'append')
    const change = earlier.length === 0 ? undefined : random.pick(earlier).change
    return change?.type === 'append' ? {type: 'remove', entries: change.entries} : undefined
  }
}

/** Each append brings one blob of its own, so that the entries of a tag tell which changes made it. */
function withToken(change: TagChange, id: number): TagChange {
  if (change.type !== 'append' && change.type !== 'replace') return change
  const blob = id.toString(16).padStart(64, '0')
  return {...change, entries: [{type: 'blob', blob, name: `b${id}`, bytes: id}]}
}

function note(operation: Operation, outcome: Outcome, nowMs: number): void {
  operation.endedMs = nowMs
  if ('error' in outcome) {
    const isMissing = outcome.error.code === 'TAG_NOT_FOUND'
    const isUnbegun = outcome.error.code === 'TIMED_OUT' && outcome.error.retryable
    operation.outcome = refusals.has(outcome.error.code) || isUnbegun ? 'refused' : 'unknown'
    if (isMissing) operation.outcome = operation.change === undefined ? 'missing' : 'refused'
    return
  }
  const {result} = outcome
  operation.outcome = 'ok'
  if (result.type === 'changed') {
    operation.existed = result.existed
    if (result.head !== undefined) operation.version = result.head.version
  } else if (result.type === 'entries') {
    operation.version = result.head.version
    operation.tokens = result.entries.map(({entry}) => (entry.type === 'blob' ? entry.blob : ''))
  }
}
