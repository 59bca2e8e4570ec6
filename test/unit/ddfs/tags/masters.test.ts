import {describe, expect, test} from 'vitest'
import {Harness} from './harness.ts'

const three = ['n1', 'n2', 'n3']

describe('a new master', () => {
  test('takes over equal replicas without a claim', () => {
    const old = new Harness(three)
    old.append('t', 'a')
    const cluster = new Harness(three, {epoch: 2, stores: old.stores})
    expect(cluster.append('t', 'b').result).toMatchObject({head: {version: {epoch: 2, counter: 2}}})
    expect(cluster.types()).not.toContain('claim')
  })

  test('claims a half-made change, so that it stays what it was found to be', () => {
    const old = new Harness(three)
    old.append('t', 'a')
    old.silent.add('n2').add('n3')
    old.start({type: 'change', tag: 't', change: {type: 'delete'}, by: 'x'})
    const cluster = new Harness(['n2', 'n3'], {epoch: 2, stores: old.stores, floor: 3})
    expect(cluster.names('t')).toEqual(['a'])
    cluster.join('n1')
    cluster.pass(15_000)
    expect(cluster.names('t')).toEqual(['a'])
    expect(cluster.head('t', 'n1')?.deletedAtMs).toBeUndefined()
  })

  test('stops the old one, which answers nothing stale', () => {
    const old = new Harness(three)
    old.append('t', 'a')
    new Harness(three, {epoch: 2, stores: old.stores}).append('t', 'b')
    expect(old.ask({type: 'head', tag: 't', includeDeleted: false}).error?.code).toBe('STALE_EPOCH')
    expect(old.other).toContainEqual({type: 'superseded', epoch: 2})
    expect(old.append('u', 'x').error?.code).toBe('STALE_EPOCH')
  })

  test('stops the old one also where it had nothing to change', () => {
    const old = new Harness(three)
    old.append('t', 'a')
    old.change('t', {type: 'delete'})
    new Harness(three, {epoch: 2, stores: old.stores}).append('t', 'b')
    expect(old.change('t', {type: 'delete'}).error?.code).toBe('STALE_EPOCH')
  })

  test('says that there is no tag only when the nodes that are missing cannot hide it', () => {
    const old = new Harness(three)
    old.append('t', 'a')
    const members = three.map(node => ({node, isDraining: false, isRemoved: false, isWiped: false}))
    const cluster = new Harness([], {epoch: 2, stores: old.stores})
    cluster.step({type: 'members-adopted', members, floor: 3})
    cluster.join('n1')
    expect(cluster.ask({type: 'head', tag: 'no', includeDeleted: false}).error).toMatchObject({code: 'UNAVAILABLE'})
    expect(cluster.ask({type: 'list', prefix: '', after: '', count: 9, includeDeleted: false}).result).toMatchObject({
      isComplete: false,
      missing: ['n2', 'n3'],
    })
    cluster.join('n2')
    expect(cluster.ask({type: 'head', tag: 'no', includeDeleted: false}).error?.code).toBe('TAG_NOT_FOUND')
  })

  test('does not take a wiped node for a witness', () => {
    const old = new Harness(three, {floor: 3})
    old.step({type: 'member-lost', node: 'n1'})
    old.append('t', 'a')
    old.stores.delete('n2')
    const members = three.map(node => ({node, isDraining: false, isRemoved: false, isWiped: false}))
    const cluster = new Harness([], {epoch: 2, stores: old.stores})
    cluster.step({type: 'members-adopted', members, floor: 3})
    cluster.join('n1')
    cluster.join('n2', true)
    expect(cluster.ask({type: 'head', tag: 't', includeDeleted: false}).error?.code).toBe('UNAVAILABLE')
    cluster.join('n3')
    expect(cluster.names('t')).toEqual(['a'])
    cluster.pass(30_000)
    expect(cluster.other).toContainEqual({type: 'node-restored', node: 'n2'})
    expect(cluster.holders('t')).toEqual(three)
  })
})
