import {describe, expect, test} from 'vitest'
import {coverageOf, tagCountOn} from '../../../../src/ddfs/index.ts'
import {Harness} from './harness.ts'

const dayMs = 86_400_000
const three = ['n1', 'n2', 'n3']

describe('a tag', () => {
  test('gets its copies when nodes join', () => {
    const cluster = new Harness(['n1'])
    cluster.append('t', 'a')
    cluster.join('n2')
    cluster.join('n3')
    cluster.pass(60_000)
    expect(cluster.head('t', 'n3')?.replicas.toSorted()).toEqual(three)
    expect(cluster.other).toContainEqual({type: 'remember-floor', floor: 3})
  })

  test('that has just changed is given back to a wiped node at once', () => {
    const cluster = new Harness(['n1', 'n2'])
    cluster.append('t', 'a')
    cluster.step({type: 'member-lost', node: 'n2'})
    cluster.stores.delete('n2')
    cluster.pass(50)
    cluster.join('n2', true)
    cluster.pass(500)
    expect(cluster.holders('t')).toEqual(['n1', 'n2'])
  })

  test('leaves a node that drains, keeps its majority, and its old copy is forgotten later', () => {
    const cluster = new Harness(three)
    cluster.append('t', 'a')
    cluster.join('n4')
    cluster.step({type: 'member-changed', node: 'n1', isPlaceable: true, isDraining: true})
    cluster.pass(20_000)
    expect(cluster.head('t', 'n2')?.replicas.toSorted()).toEqual(['n2', 'n3', 'n4'])
    expect(tagCountOn(cluster.state, 'n1')).toBe(0)
    cluster.pass(120_000)
    expect(cluster.holders('t')).toEqual(['n2', 'n3', 'n4'])
  })

  test('leaves a node that is lost for too long, not one that is lost for a moment', () => {
    const cluster = new Harness([...three, 'n4'])
    cluster.append('t', 'a')
    const lost = cluster.holders('t')[0]!
    cluster.step({type: 'member-lost', node: lost})
    cluster.pass(50_000)
    expect(cluster.state.tags.get('t')?.head?.replicas).toContain(lost)
    cluster.pass(40_000)
    expect(cluster.state.tags.get('t')?.head?.replicas).not.toContain(lost)
    expect(cluster.state.tags.get('t')?.head?.replicas).toHaveLength(3)
    cluster.pass(600_000)
    // Its copy is older: those that tell it better stay until it is gone.
    cluster.join(lost)
    cluster.pass(120_000)
    expect(cluster.holders('t')).not.toContain(lost)
  })

  test('leaves a removed node, which is gone when nothing names it', () => {
    const cluster = new Harness(three)
    cluster.append('t', 'a')
    cluster.step({type: 'member-removed', node: 'n3'})
    cluster.pass(60_000)
    expect(cluster.state.tags.get('t')?.head?.replicas.toSorted()).toEqual(['n1', 'n2'])
    expect(cluster.other).toContainEqual({type: 'node-gone', node: 'n3'})
  })

  test('that is deleted can be restored until its quarantine is over; later even its tombstone goes', () => {
    const cluster = new Harness(three)
    cluster.append('t', 'a')
    cluster.change('t', {type: 'delete'})
    expect(cluster.names('t')).toBeUndefined()
    cluster.pass(6 * dayMs)
    expect(cluster.change('t', {type: 'restore'}).result).toMatchObject({type: 'changed', existed: false})
    expect(cluster.names('t')).toEqual(['a'])
    cluster.change('t', {type: 'delete'})
    cluster.pass(8 * dayMs)
    expect(cluster.head('t', 'n1')).toMatchObject({isPurged: true, entryCount: 0})
    expect(cluster.change('t', {type: 'restore'}).error?.code).toBe('TAG_NOT_FOUND')
    cluster.pass(31 * dayMs)
    expect(cluster.holders('t')).toEqual([])
    expect(cluster.append('t', 'b').result).toMatchObject({existed: false})
  })

  test('that is deleted is not purged because the clock jumped', () => {
    const cluster = new Harness(three)
    cluster.append('t', 'a')
    cluster.change('t', {type: 'delete'})
    cluster.wallMs += 3650 * dayMs
    cluster.pass(5 * dayMs)
    expect(cluster.head('t', 'n1')?.isPurged).toBeUndefined()
  })

  test('keeps its tombstone while a member is away', () => {
    const cluster = new Harness([...three, 'n4'], {settings: {replaceAfterMs: 1e12}})
    cluster.append('t', 'a')
    cluster.change('t', {type: 'delete'})
    cluster.step({type: 'member-lost', node: 'n4'})
    cluster.pass(60 * dayMs)
    expect(cluster.holders('t')).toHaveLength(3)
  })
})

test('coverage names the tags whose present version nobody of those that answered has', () => {
  const cluster = new Harness([...three, 'n4'])
  for (const tag of ['a', 'b', 'c', 'd']) cluster.append(tag, 'x')
  expect(coverageOf(cluster.state, new Set(['n1', 'n2', 'n3', 'n4']), 9)).toEqual({
    isHiding: false,
    unheard: [],
    uncoveredCount: 0,
    uncovered: [],
  })
  const without = ['a', 'b', 'c', 'd'].filter(tag => !cluster.holders(tag).includes('n1'))
  expect(coverageOf(cluster.state, new Set(['n1']), 9).uncovered).toEqual(without)
  cluster.step({type: 'member-lost', node: 'n2'})
  expect(coverageOf(cluster.state, new Set(['n1', 'n3', 'n4']), 9)).toMatchObject({isHiding: true, unheard: ['n2']})
})
