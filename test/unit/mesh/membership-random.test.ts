import {expect, test} from 'vitest'
import {type Random, seededRandom} from '../../../src/base/index.ts'
import {ClusterScript} from './cluster-script.ts'

const nodes = ['n1', 'n2', 'n3', 'n4', 'n5']

/** Nodes that come and go, links that break one way or both, a master that stops for a while. Checked after every step. */
function livedThrough(seed: number): {cluster: ClusterScript; links: Map<string, number>} {
  const random = seededRandom(seed)
  const cluster = new ClusterScript()
  const links = new Map<string, number>()
  for (let index = 0; index < 200; index++) happen(random, cluster, links)
  return {cluster, links}
}

function happen(random: Random, cluster: ClusterScript, links: Map<string, number>): void {
  const node = random.pick(nodes)
  const connection = links.get(node)
  switch (random.int(9)) {
    case 0:
    case 1: {
      const answer = cluster.dial(node, random.int(5) === 0 ? {key: `key-${random.int(3)}`, force: true} : {})
      if (typeof answer === 'number') links.set(node, answer)
      break
    }
    case 2:
      if (connection !== undefined) cluster.step({type: 'unlinked', connection, node})
      break
    case 3:
      cluster.step({type: 'joined', node})
      break
    case 4:
      cluster.step({type: 'probe-answered', node, via: random.pick(nodes), isAlive: random.int(2) === 0})
      break
    case 5:
      cluster.step({type: random.int(4) === 0 ? 'remove' : 'drain', node, isDraining: random.int(2) === 0})
      break
    case 6:
      // Without ticks: the process was stopped.
      cluster.nowMs += random.int(100_000)
      break
    case 7:
      cluster.nowMs -= random.int(1000)
      break
    default:
      cluster.pass(random.int(20_000), () => {
        for (const [name, link] of links)
          if (random.int(3) > 0) cluster.step({type: 'heard', connection: link, node: name})
      })
  }
}

test('whatever happens, the account stays whole, and who dials again is up', () => {
  const seen = new Set<string>()
  for (let seed = 1; seed <= 150; seed++) {
    const {cluster} = livedThrough(seed)
    for (const one of cluster.effects) seen.add(one.type === 'report-member' ? one.member.state : one.type)
    for (const node of nodes) cluster.up(node, {key: cluster.member(node)?.key ?? node, force: true})
    expect(
      nodes.map(node => cluster.member(node)?.isLinked),
      `seed ${seed}`,
    ).toEqual(nodes.map(() => true))
  }
  // Every kind of thing happened at least once.
  for (const kind of ['joining', 'up', 'suspect', 'lost', 'draining', 'removed', 'probe', 'close', 'refuse']) {
    expect(seen).toContain(kind)
  }
})

test('the same seed gives the same effects', () => {
  expect(livedThrough(7).cluster.effects).toEqual(livedThrough(7).cluster.effects)
})
