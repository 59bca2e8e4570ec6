import {describe, expect, onTestFinished, test, vi} from 'vitest'
import {refusePeer} from '../../../src/mesh/admission.ts'
import {type AgentMemory, AgentRecord} from '../../../src/mesh/agent-record.ts'
import {contactNoteMs, timingsDefault} from '../../../src/mesh/limits.ts'
import type {ClusterView, Hello} from '../../../src/protocol/index.ts'

const view = (counter: number, cluster = 'c1'): ClusterView => ({
  cluster,
  version: {epoch: 1, counter},
  members: [{name: 'n1', key: 'k1', state: 'up', isDraining: false}],
  timings: timingsDefault,
  settings: {},
})

function recordOf(memory: AgentMemory, more: {readonly promise?: () => boolean} = {}) {
  const written: string[] = []
  const record = new AgentRecord(memory, {
    promiseEpoch: (epoch, master) => {
      written.push(`promise ${epoch} ${master}`)
      return more.promise?.() ?? true
    },
    rememberView: next => written.push(`view ${next.version.counter}`),
    rememberContact: () => written.push('contact'),
  })
  return {record, written}
}

describe('an epoch', () => {
  test('is promised to one master; a lower one and the same one of another master are not', () => {
    const {record, written} = recordOf({epoch: 3, epochOf: 'm1'})
    expect(record.promise(2, 'm1')).toBe(false)
    expect(record.promise(3, 'm2')).toBe(false)
    expect(written).toEqual([])
    expect(record.promise(3, 'm1')).toBe(true)
    expect(record.promise(4, 'm2')).toBe(true)
    expect(record.seen('peer')).toEqual({epoch: 4, epochOf: 'm2'})
  })

  test('that cannot be persisted is not promised', () => {
    const {record} = recordOf(
      {epoch: 3, epochOf: 'm1'},
      {
        promise: () => {
          throw new Error('no space')
        },
      },
    )
    expect(() => record.promise(4, 'm1')).toThrow('no space')
    expect(record.epoch).toBe(3)
    const late = recordOf({epoch: 3}, {promise: () => false})
    expect(late.record.promise(4, 'm1')).toBe(false)
    expect(late.record.epoch).toBe(3)
  })
})

describe('a list of members', () => {
  test('is written when it is another one, and an older one of the same cluster is known as such', () => {
    const {record, written} = recordOf({epoch: 1, view: view(5)})
    expect(record.isOlder(view(4))).toBe(true)
    expect(record.isOlder(view(4, 'c2'))).toBe(false)
    record.takeView(view(5))
    record.takeView(view(6))
    record.takeView(view(6, 'c2'))
    expect(written).toEqual(['view 6', 'view 6'])
    expect(record.view?.cluster).toBe('c2')
  })

  test('goes to masters, which may know less; peers hear the cluster only', () => {
    const {record} = recordOf({epoch: 1, view: view(5)})
    expect(record.seen('peer')).toEqual({epoch: 1, cluster: 'c1'})
    expect(record.seen('master')).toMatchObject({cluster: 'c1', view: {version: {counter: 5}}})
  })
})

test('contact is written now and then, and at the ends of links', () => {
  vi.useFakeTimers({toFake: ['performance', 'Date']})
  onTestFinished(() => void vi.useRealTimers())
  const {record, written} = recordOf({epoch: 1})
  record.noteContact(false)
  vi.advanceTimersByTime(contactNoteMs - 1)
  record.noteContact(false)
  expect(written).toHaveLength(1)
  expect(record.seen('master').lastContactAtMs).toBe(Date.now())
  vi.advanceTimersByTime(1)
  record.noteContact(false)
  record.noteContact(true)
  expect(written).toHaveLength(3)
})

describe('a peer', () => {
  const hello = (more: Partial<Hello> = {}): Hello => ({
    ...{type: 'hello', to: 'peer', protocol: {min: 1, max: 1}, software: '1.0.0', node: 'n1', key: 'k1'},
    ...{pid: 1, slotCount: 1, epoch: 1, nowMs: 0, cluster: 'c1', ...more},
  })

  test('comes in as a member, or as one that has joined just now', () => {
    expect(refusePeer(view(1), hello())).toBeUndefined()
    expect(refusePeer(view(1), hello({node: 'n9', key: 'k9'}))).toBeUndefined()
  })

  test.each([
    ['to a node that is in no cluster yet', undefined, hello(), 'TRY_AGAIN'],
    ['of another cluster', view(1), hello({cluster: 'c2'}), 'WRONG_CLUSTER'],
    ['under the name of another folder', view(1), hello({key: 'k2'}), 'NAME_TAKEN'],
  ])('%s is refused', (_, known, greeting, code) => {
    expect(refusePeer(known, greeting)).toMatchObject({type: 'refused', code})
  })
})
