import {expect, test, vi} from 'vitest'
import {drainNode} from '../../../../src/cli/disco/drain-node.ts'
import type {NodeInfo} from '../../../../src/protocol/index.ts'

const upNode: NodeInfo = {
  name: 'agent-3' as NodeInfo['name'],
  state: 'up',
  address: '127.0.0.1:1',
  pid: 1,
  slotCount: 1,
  lastSeenMs: 0,
  version: '0.1.0',
  isMaster: false,
}
const draining: NodeInfo = {...upNode, isSafeToRemove: false, drainBlobsLeft: 2, drainTagsLeft: 0}

const clientOf = (...answers: NodeInfo[][]) => ({
  changeNode: async () => draining,
  nodes: vi.fn(async () => ({nodes: answers.shift() ?? []})),
})

test('draining ends with an error when the node is taken into use again', async () => {
  const client = clientOf([draining], [upNode], [upNode], [upNode])
  await expect(drainNode(client, 'agent-3', true, true)).rejects.toMatchObject({
    code: 'WRONG_STATE',
    exitCode: 1,
    message: 'agent-3 is not draining any more: it was taken into use again meanwhile',
  })
  expect(client.nodes).toHaveBeenCalledTimes(2)
})

test('draining goes on while a node that drains does not answer, until it is safe to remove', async () => {
  const lost: NodeInfo = {...draining, state: 'lost'}
  const safe: NodeInfo = {...draining, isSafeToRemove: true}
  expect(await drainNode(clientOf([lost], [safe]), 'agent-3', true, true)).toEqual(safe)
})
