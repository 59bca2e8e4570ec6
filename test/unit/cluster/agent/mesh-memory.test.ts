import {expect, test} from 'vitest'
import {ClusterError} from '../../../../src/base/index.ts'
import {MeshMemory} from '../../../../src/cluster/agent/mesh-memory.ts'
import type {ClusterView} from '../../../../src/protocol/index.ts'

const viewOf = (cluster: string) => ({cluster, members: []}) as unknown as ClusterView

/** A store that has room or not. */
function memoryOn() {
  const disk = {error: undefined as Error | undefined, meta: new Map<string, string>(), epoch: 0}
  const store = {
    meta: (key: string) => disk.meta.get(key),
    setMeta(key: string, value: string) {
      if (disk.error !== undefined) throw disk.error
      disk.meta.set(key, value)
    },
    epoch: () => disk.epoch,
    promise(epoch: number) {
      disk.epoch = epoch
      return undefined
    },
  }
  const identity = {key: 'k', name: 'n1', clusterId: undefined as string | undefined}
  const folder = {
    identity: identity as {readonly key: string; readonly name: string},
    setClusterId(id: string) {
      identity.clusterId = id
    },
  }
  const lines: string[] = []
  const memory = new MeshMemory(store, folder, line => lines.push(String(line.msg)))
  return {disk, identity, lines, memory}
}

test('gives back what it was told', () => {
  const {identity, memory} = memoryOn()
  expect(memory.promiseEpoch(3, 'm1')).toBe(true)
  memory.rememberView(viewOf('c1'))
  memory.rememberContact(1234)
  expect(memory.read()).toEqual({epoch: 3, epochOf: 'm1', lastContactAtMs: 1234, view: viewOf('c1')})
  expect(identity.clusterId).toBe('c1')
})

test('a full disk is said once, ends nothing, and gets the newest of each when there is room', () => {
  const {disk, lines, memory} = memoryOn()
  disk.error = new ClusterError('DISK_FULL', 'no room left in tags.sqlite')
  memory.rememberView(viewOf('c1'))
  memory.rememberView(viewOf('c2'))
  memory.rememberContact(5)
  memory.retry()
  expect(lines).toHaveLength(1)
  expect(memory.read()).toEqual({epoch: 0})
  disk.error = undefined
  memory.retry()
  expect(memory.read()).toMatchObject({lastContactAtMs: 5, view: viewOf('c2')})
})

test('what was written since is not replaced by what had found no room', () => {
  const {disk, memory} = memoryOn()
  disk.error = new ClusterError('DISK_FULL', 'no room left in tags.sqlite')
  memory.rememberView(viewOf('c1'))
  disk.error = undefined
  memory.rememberView(viewOf('c2'))
  memory.retry()
  expect(memory.read().view).toEqual(viewOf('c2'))
})

test('what finds no room is not promised, and a broken disk is not passed over', () => {
  const {disk, memory} = memoryOn()
  disk.error = new ClusterError('DISK_FULL', 'no room left in tags.sqlite')
  expect(() => memory.promiseEpoch(3, 'm1')).toThrow('no room')
  expect(memory.read().epoch).toBe(0)
  disk.error = new ClusterError('STORAGE_BROKEN', 'the database gives errors')
  expect(() => memory.rememberContact(5)).toThrow('gives errors')
})
