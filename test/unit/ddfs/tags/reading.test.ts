import {describe, expect, test} from 'vitest'
import {Harness} from './harness.ts'

const three = ['n1', 'n2', 'n3']

describe('reading', () => {
  test('pages of one version fit together; a change between them is told', () => {
    const cluster = new Harness(three)
    const head = cluster.append('t', 'a', 'b', 'c').result
    const at = head?.type === 'changed' ? head.head?.version : undefined
    const page = {type: 'entries', tag: 't', count: 2, includeDeleted: false} as const
    expect(cluster.ask({...page, after: 0}).result).toMatchObject({hasMore: true, head: {version: at}})
    expect(cluster.ask({...page, after: 2, at: at!}).result).toMatchObject({hasMore: false, entries: [{number: 3}]})
    cluster.append('t', 'd')
    expect(cluster.ask({...page, after: 2, at: at!}).error).toMatchObject({
      code: 'VERSION_CHANGED',
      version: {counter: 2},
    })
  })

  test('shows a deleted tag to those who ask for it', () => {
    const cluster = new Harness(three)
    cluster.append('t', 'a')
    cluster.change('t', {type: 'delete'})
    expect(cluster.ask({type: 'head', tag: 't', includeDeleted: false}).error?.code).toBe('TAG_NOT_FOUND')
    expect(cluster.ask({type: 'head', tag: 't', includeDeleted: true}).result).toMatchObject({head: {entryCount: 1}})
    expect(cluster.ask({type: 'log', tag: 't', count: 9}).result).toMatchObject({
      lines: [{change: 'append'}, {change: 'delete'}],
    })
  })

  test('needs a majority', () => {
    const cluster = new Harness(three)
    cluster.append('t', 'a')
    cluster.step({type: 'member-lost', node: 'n1'})
    expect(cluster.names('t')).toEqual(['a'])
    cluster.step({type: 'member-lost', node: 'n2'})
    expect(cluster.ask({type: 'head', tag: 't', includeDeleted: false}).error?.code).toBe('UNAVAILABLE')
  })

  describe('while a replica that was wiped is refilled', () => {
    const wiped = (): Harness => {
      const cluster = new Harness(['n1', 'n2'])
      cluster.append('t', 'a')
      cluster.step({type: 'member-lost', node: 'n2'})
      cluster.stores.delete('n2')
      return cluster
    }
    const head = {type: 'head', tag: 't', includeDeleted: false} as const

    test('makes it copy what is read before all else', () => {
      const cluster = wiped()
      cluster.join('n2', true)
      const id = cluster.start(head)
      expect(cluster.answerTo(id)?.result).toMatchObject({type: 'head', head: {entryCount: 1}})
      expect(cluster.holders('t')).toEqual(['n1', 'n2'])
    })

    test('is refused when it cannot copy, naming it, and is asked for again', () => {
      const cluster = wiped()
      cluster.uncopying.add('n2')
      cluster.join('n2', true)
      const id = cluster.start(head)
      const waiting = 'too few nodes of the tag "t" answer: waiting for n2'
      expect(cluster.answerTo(id)?.error).toMatchObject({code: 'UNAVAILABLE', message: waiting, retryable: true})
      cluster.uncopying.clear()
      expect(cluster.names('t')).toEqual(['a'])
    })

    test('says at its deadline who was still copying', () => {
      const cluster = wiped()
      cluster.slow.add('n2')
      cluster.join('n2', true)
      const id = cluster.start(head)
      cluster.pass(5_000)
      const {error} = cluster.answerTo(id) ?? {}
      expect(error).toMatchObject({code: 'TIMED_OUT', retryable: true})
      expect(error?.message).toContain('for n2 was still copying it')
      cluster.release()
      expect(cluster.names('t')).toEqual(['a'])
    })
  })

  test('lists by prefix in order of code units, page by page', () => {
    const cluster = new Harness(three)
    for (const tag of ['b:2', 'a:1', 'b:1', 'b:Z', 'c', 'b:a']) cluster.append(tag, 'x')
    cluster.change('b:2', {type: 'delete'})
    const list = (after: string, includeDeleted: boolean) => {
      const {result} = cluster.ask({type: 'list', prefix: 'b:', after, count: 2, includeDeleted})
      return result?.type === 'list' ? {tags: result.heads.map(head => head.tag), next: result.next} : undefined
    }
    expect(list('', false)).toEqual({tags: ['b:1', 'b:Z'], next: 'b:Z'})
    expect(list('b:Z', false)).toEqual({tags: ['b:a'], next: undefined})
    expect(list('', true)).toEqual({tags: ['b:1', 'b:2'], next: 'b:2'})
  })

  test('sums by the next part of the name', () => {
    const cluster = new Harness(three)
    cluster.append('in:a:1', 'x', 'y')
    cluster.append('in:a:2', 'x')
    cluster.append('in:b', 'x')
    cluster.append('gone', 'x')
    const {result} = cluster.ask({type: 'stats', prefix: 'in:'})
    expect(result).toMatchObject({
      total: {tagCount: 3, entryCount: 4, bytes: 40},
      groups: [
        {prefix: 'in:a:', sums: {tagCount: 2, entryCount: 3}},
        {prefix: 'in:b', sums: {tagCount: 1}},
      ],
    })
  })
})
