/** One run: a cluster of some size with some faults, then healing, then everything is looked at. */
import type {TagLogLine} from '../../src/protocol/index.ts'
import {Cluster, type Mutation, mergeHistories} from './cluster.ts'
import {checkHistory, type Operation} from './history.ts'
import {Nemesis} from './nemesis.ts'
import {SimClients} from './sim-client.ts'
import type {SimNode} from './sim-node.ts'
import {type FaultKind, World} from './world.ts'

/** After healing every operation succeeds within this. */
const healMaxMs = 30_000
/** And everything is whole again, with what was left over forgotten, within this. */
const wholeMaxMs = 300_000

export interface Run {
  readonly seed: number
  readonly tick: number
  readonly problems: readonly string[]
  readonly faults: ReadonlyMap<FaultKind, number>
  readonly operationCount: number
  readonly answeredCount: number
}

export function simulate(seed: number, mutation: Mutation = {}): Run {
  const world = new World(seed)
  const {random} = world
  const isShortLived = world.chance(0.3)
  const cluster = new Cluster(
    world,
    {
      replaceAfterMs: random.pick([3000, 60_000]),
      ...(isShortLived ? {quarantineMs: 3000, tombstoneMs: 6000} : {}),
    },
    mutation,
  )
  const nodeCount = random.pick([1, 3, 3, 3, 4, 5])
  for (let index = 0; index < nodeCount; index++) cluster.addNode()
  const tags = Array.from({length: 1 + random.int(4)}, (_, index) => `t:${index}`)
  const clients = new SimClients(cluster, tags)
  const problems: string[] = []
  try {
    cluster.startMaster(0)
    world.run(random.pick([500, 15_000]))
    const nemesis = new Nemesis(cluster)
    clients.start(1 + random.int(6))
    nemesis.start(random.pick([400, 1200, 3000]))
    world.run(world.nowMs + 5000 + random.int(15_000))
    clients.stop()
    nemesis.heal()
    problems.push(...heal(cluster, clients, tags))
  } catch (error) {
    problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
  if (problems.length === 0) problems.push(...checkAll(cluster, clients, tags))
  const answeredCount = clients.operations.filter(operation => operation.outcome === 'ok').length
  const {tick, faults} = world
  return {seed, tick, problems, faults, operationCount: clients.operations.length, answeredCount}
}

/** Everything works again soon, and is whole some time later. */
function heal(cluster: Cluster, clients: SimClients, tags: readonly string[]): string[] {
  const {world} = cluster
  const untilMs = world.nowMs + healMaxMs
  const waiting = new Set<string>()
  for (const tag of tags) {
    waiting.add(tag)
    const again = (): void => {
      // The last one may have found out only now that it was followed by one that is gone.
      if (cluster.masters.length === 0) cluster.startMaster(0)
      clients.act(tag, {type: 'append', entries: [], unique: 'none'}, ({outcome}) => {
        if (outcome === 'ok') waiting.delete(tag)
        else world.after(300, again)
      })
    }
    again()
  }
  world.run(untilMs, () => waiting.size === 0)
  if (waiting.size > 0) return [...waiting].map(tag => `${tag} cannot be changed ${healMaxMs} ms after healing`)
  world.run(world.nowMs + 3000)
  cluster.beatFactor = 5
  const wholeMs = world.nowMs + wholeMaxMs
  let problems: string[] = []
  while (world.nowMs < wholeMs) {
    world.run(world.nowMs + 5000)
    problems = wholeProblems(cluster)
    if (problems.length === 0) break
  }
  for (const tag of tags) clients.act(tag, undefined, () => undefined)
  world.run(world.nowMs + 4000)
  return problems
}

/** All replicas equal, as many as wanted, no copy anywhere else. */
function wholeProblems(cluster: Cluster): string[] {
  const nodes = membersOf(cluster)
  const problems: string[] = []
  const names = new Set(nodes.flatMap(node => node.store.heads('', 1000).map(head => head.tag)))
  const wanted = Math.min(cluster.settings.replicaCount, nodes.length)
  for (const tag of names) {
    const copies = nodes.map(node => ({node, text: contents(node, tag)})).filter(copy => copy.text !== '')
    const replicas = nodes.map(node => headOf(node, tag)?.replicas).find(each => each !== undefined)!
    const holders = copies.map(copy => copy.node.name)
    if (new Set(copies.map(copy => copy.text)).size !== 1) problems.push(`replicas of ${tag} differ`)
    if (replicas.length !== wanted) problems.push(`${tag} has ${replicas.length} replicas, not ${wanted}`)
    if ([...replicas].sort().join() !== holders.sort().join()) {
      problems.push(`${tag} should be on ${[...replicas].sort().join()} and is on ${holders.join()}`)
    }
  }
  for (const member of cluster.list.members.values()) {
    if (member.isRemoved || member.isWiped) problems.push(`${member.node} is still on the list as removed or wiped`)
  }
  return problems
}

function checkAll(cluster: Cluster, clients: SimClients, tags: readonly string[]): string[] {
  const nodes = membersOf(cluster)
  return tags.flatMap(tag => {
    let lines: TagLogLine[] = cluster.forgotten.get(tag) ?? []
    for (const node of nodes) {
      const reply = node.store.handle({type: 'read-log', epoch: node.store.epoch(), tag, count: 1000})
      if (reply.type === 'log') lines = mergeHistories(lines, reply.lines)
    }
    const operations = clients.operations.filter((operation: Operation) => operation.tag === tag)
    return checkHistory(tag, operations, lines)
  })
}

const membersOf = (cluster: Cluster): SimNode[] =>
  [...cluster.nodes.values()].filter(node => !cluster.list.removed.has(node.name))

function headOf(node: SimNode, tag: string) {
  const reply = node.store.handle({type: 'fetch-tag', tag, after: 0})
  return reply.type === 'tag-page' ? reply.page?.head : undefined
}

function contents(node: SimNode, tag: string): string {
  const reply = node.store.handle({type: 'fetch-tag', tag, after: 0})
  return reply.type === 'tag-page' && reply.page !== undefined ? JSON.stringify(reply.page) : ''
}
