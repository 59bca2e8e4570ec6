import {describe, expect, test} from 'vitest'
import {blob, Harness} from './harness.ts'

const three = ['n1', 'n2', 'n3']

describe('a change', () => {
  test('makes a tag on as many nodes as wanted and is answered with its head', () => {
    const cluster = new Harness([...three, 'n4', 'n5'])
    const {result} = cluster.append('t', 'a')
    expect(result).toMatchObject({
      type: 'changed',
      addedCount: 1,
      existed: false,
      head: {version: {epoch: 1, counter: 1}},
    })
    expect(cluster.holders('t')).toHaveLength(3)
    expect(cluster.append('t', 'b').result).toMatchObject({existed: true})
    expect(cluster.names('t')).toEqual(['a', 'b'])
  })

  test('makes a tag for its owner in one commit: no crash leaves it open', () => {
    const cluster = new Harness(three)
    const ownerToken = 'mine'
    const push = {type: 'append', entries: [blob('a')], unique: 'none'} as const
    expect(cluster.change('t', push, {ownerToken}).result).toMatchObject({
      head: {version: {counter: 1}, readToken: 'mine', writeToken: 'mine'},
    })
    for (const node of three) expect(cluster.head('t', node)).toMatchObject({writeToken: 'mine'})
    expect(cluster.types().filter(type => type === 'set-tokens')).toEqual([])
    cluster.sent.length = 0
    cluster.change('t', push, {ownerToken: 'other'})
    expect(cluster.sent.some(({request}) => request.type === 'commit' && request.commit.ownerToken)).toBe(false)
    expect(cluster.change('new', push, {ownerToken: 'x'.repeat(600)}).error).toMatchObject({code: 'TAG_TOO_LARGE'})
    expect(cluster.holders('new')).toEqual([])
  })

  test('is answered when a majority has it, and not before', () => {
    const cluster = new Harness(three)
    cluster.append('t', 'a')
    cluster.silent.add('n1').add('n2')
    const id = cluster.start({type: 'change', tag: 't', change: {type: 'delete'}, by: 'test'})
    expect(cluster.answerTo(id)).toBeUndefined()
    cluster.silent.clear()
    cluster.release()
    expect(cluster.answerTo(id)?.result).toMatchObject({type: 'changed', existed: true})
  })

  test('with too few nodes up is refused at once and names them', () => {
    const cluster = new Harness(three)
    cluster.append('t', 'a')
    cluster.step({type: 'member-lost', node: 'n1'})
    cluster.step({type: 'member-lost', node: 'n2'})
    const id = cluster.start({type: 'change', tag: 't', change: {type: 'delete'}, by: 'test'})
    expect(cluster.answerTo(id)?.error).toMatchObject({code: 'UNAVAILABLE', retryable: true})
    expect(cluster.answerTo(id)?.error?.message).toContain('n1, n2')
  })

  test('whose deadline passes may have happened, and the tag is read again before it is used', () => {
    const cluster = new Harness(three)
    cluster.append('t', 'a')
    for (const node of three) cluster.silent.add(node)
    const id = cluster.start({
      type: 'change',
      tag: 't',
      change: {type: 'append', entries: [blob('b')], unique: 'none'},
      by: 'x',
    })
    cluster.pass(6000)
    expect(cluster.answerTo(id)?.error).toMatchObject({code: 'TIMED_OUT', retryable: false})
    cluster.pass(20_000)
    cluster.held.length = 0
    cluster.silent.clear()
    cluster.sent.length = 0
    expect(cluster.append('t', 'c').result).toMatchObject({type: 'changed'})
    expect(cluster.types()).toContain('claim')
    expect(cluster.names('t')).toEqual(['a', 'c'])
  })

  test('on full disks says so', () => {
    const cluster = new Harness(three)
    cluster.append('t', 'a')
    for (const node of three) cluster.full.add(node)
    expect(cluster.append('t', 'b').error).toMatchObject({code: 'DISK_FULL'})
    cluster.full.clear()
    expect(cluster.append('t', 'c').result).toMatchObject({type: 'changed'})
  })

  test('reaches a replica that missed others', () => {
    const cluster = new Harness(three)
    cluster.append('t', 'a')
    cluster.step({type: 'member-lost', node: 'n3'})
    cluster.append('t', 'b')
    cluster.join('n3')
    cluster.pass(15_000)
    expect(cluster.head('t', 'n3')).toEqual(cluster.head('t', 'n1'))
  })

  test('by version is refused with the present one when another came first', () => {
    const cluster = new Harness(three)
    cluster.append('t', 'a')
    expect(cluster.change('t', {type: 'delete'}, {ifVersion: 7}).error).toMatchObject({
      code: 'VERSION_CHANGED',
      version: {epoch: 1, counter: 1},
    })
    expect(cluster.change('new', {type: 'append', entries: [], unique: 'none'}, {ifVersion: 0}).result).toBeDefined()
    expect(cluster.change('t', {type: 'append', entries: [], unique: 'none'}, {ifMissing: true}).error?.code).toBe(
      'VERSION_CHANGED',
    )
    expect(cluster.change('no', {type: 'append', entries: [], unique: 'none'}, {ifExists: true}).error?.code).toBe(
      'TAG_NOT_FOUND',
    )
  })

  test('that deletes what is not there succeeds and says so', () => {
    const cluster = new Harness(three)
    expect(cluster.change('t', {type: 'delete'}).result).toEqual({
      type: 'changed',
      addedCount: 0,
      removedCount: 0,
      existed: false,
    })
    expect(cluster.change('t', {type: 'restore'}).error?.code).toBe('TAG_NOT_FOUND')
  })

  test.each([
    ['a link to itself', {type: 'append', entries: [{type: 'tag', tag: 't'}], unique: 'none'}],
    ['an attribute without a name', {type: 'set-attributes', set: {'': 'x'}, unset: []}],
    ['a long value', {type: 'set-attributes', set: {a: 'x'.repeat(4097)}, unset: []}],
    [
      'too many attributes',
      {type: 'set-attributes', set: Object.fromEntries(Array.from({length: 1001}, (_, i) => [`a${i}`, ''])), unset: []},
    ],
    ['too many entries', {type: 'append', entries: Array.from({length: 1001}, () => blob('x')), unique: 'none'}],
    ['a long token', {type: 'set-tokens', read: 'x'.repeat(257)}],
  ] as const)('with %s is refused', (_, change) => {
    expect(new Harness(three).change('t', change).error?.code).toBe('TAG_TOO_LARGE')
  })

  test('of the number of copies is carried out, the place stays the master’s affair', () => {
    const cluster = new Harness([...three, 'n4', 'n5'])
    cluster.append('t', 'a')
    cluster.change('t', {type: 'place', replicas: ['evil'], replicaCount: 5})
    cluster.pass(60_000)
    expect(cluster.holders('t')).toEqual(['n1', 'n2', 'n3', 'n4', 'n5'])
  })

  test('appends are pipelined: each has its own version and answer', () => {
    const cluster = new Harness(three)
    cluster.append('t', 'a')
    for (const node of three) cluster.silent.add(node)
    cluster.sent.length = 0
    const ids = Array.from({length: 200}, (_, index) =>
      cluster.start({
        type: 'change',
        tag: 't',
        change: {type: 'append', entries: [blob(`b${index}`)], unique: 'none'},
        by: 'x',
      }),
    )
    expect(cluster.sent).toHaveLength(64 * 3)
    cluster.silent.clear()
    cluster.release()
    const counters = ids.map(id => {
      const result = cluster.answerTo(id)?.result
      return result?.type === 'changed' ? result.head?.version.counter : undefined
    })
    expect(counters).toEqual(ids.map((_, index) => index + 2))
  })
})
