import {expect, test} from 'vitest'
import {statusText} from '../../../../src/cli/disco/status-text.ts'
import type {ClusterInfo, MaintenanceInfo} from '../../../../src/protocol/index.ts'

const cluster = {
  address: 'http://127.0.0.1:8989',
  master: 'm',
  epoch: 1,
  startedAtMs: 0,
  nowMs: 1000,
  nodeCount: 1,
  upCount: 1,
  tagCount: 1,
  blobCount: 1,
  usedBytes: 5,
  freeBytes: 7000,
  warnings: [],
} as unknown as ClusterInfo
const repair = {underReplicatedCount: 1, missingCount: 0, inFlightCount: 0, bytesLeft: 5}
const maintenance = {repair, gc: {phase: 'idle'}} as unknown as MaintenanceInfo

test('one tag is one tag, and 1,200 are many', () => {
  expect(statusText(cluster, maintenance)).toMatch(/^holds +1 tag, 1 blob\n[\s\S]*^repair +1 blob, 5 B$/m)
  expect(statusText({...cluster, tagCount: 1200, blobCount: 0}, maintenance)).toContain('1,200 tags, 0 blobs')
})

test('nodes that share a disk are told beside its room', () => {
  expect(statusText(cluster, maintenance)).toMatch(/ free\n/)
  const sharing = {...cluster, diskSharers: [['n1', 'n2']]}
  expect(statusText(sharing, maintenance)).toMatch(/ free \(n1, n2 on one disk\)\n/)
})
