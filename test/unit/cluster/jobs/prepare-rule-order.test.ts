/** What is found out for a rule's scan while it waits for its slot. */
import {expect, test} from 'vitest'
import {ClusterError, InvariantError} from '../../../../src/base/index.ts'
import {prepareRuleOrder} from '../../../../src/cluster/jobs/agent/rule-runner.ts'
import type {StartOrder} from '../../../../src/cluster/jobs/agent/task-order.ts'
import type {RunnerPorts} from '../../../../src/cluster/jobs/agent/task-runner.ts'
import {ticketKeyOf} from '../../../../src/protocol/index.ts'

const blob = 'ab'.repeat(32)
const never = new AbortController().signal
const local = {path: '/volume/x', bytes: 5, checksums: ''}
const input = {name: 'a.log', addresses: [`blob://${blob}`]}

const orderOf = (more: Partial<StartOrder> = {}): StartOrder =>
  ({
    ...{job: 'm.r@1', stageIndex: 0, task: 0, run: 1, pack: {hash: 'p', bytes: 1}, hasAllInputs: true},
    inputs: [{task: -1, run: 0, number: 0, key: '', output: {label: 0, place: {type: 'blob', blob}, nodes: ['n1']}}],
    ...more,
  }) as unknown as StartOrder

const portsWith = (get: () => Promise<unknown>): RunnerPorts =>
  ({
    packs: {get},
    partials: {folder: '/partials'},
    verified: {stampOf: () => 'stamp'},
    blobFile: () => local,
    addresses: {
      node: 'n1',
      hasBlob: () => true,
      addressOf: (node: string) => `http://${node}`,
      ticketKey: ticketKeyOf('secret'),
      nowMs: () => 0,
    },
  }) as unknown as RunnerPorts

const rule = {inputs: [input], work: {usesCache: true, address: null}}
const ports = portsWith(async () => ({rule}))

test('a scan that waits knows its file, and that its blocks need not be compared', async () => {
  expect(await prepareRuleOrder(orderOf(), ports, never)).toMatchObject({
    stage: {type: 'scan', input, blob, localBlobs: {[`blob://${blob}`]: {...local, verified: 'stamp'}}},
    inputs: [{number: 0, replicas: [`blob://${blob}`, expect.stringContaining(`http://n1/`)]}],
  })
})

test('merges, scans whose input is to come, and tasks of no rule are told when they begin', async () => {
  expect(await prepareRuleOrder(orderOf({stageIndex: 1}), ports, never)).toBeUndefined()
  expect(await prepareRuleOrder(orderOf({hasAllInputs: false}), ports, never)).toBeUndefined()
  const ofFunctions = portsWith(async () => ({rule: null}))
  expect(await prepareRuleOrder(orderOf(), ofFunctions, never)).toBeUndefined()
})

test('what cannot be found out now is left to the run; a bug is not', async () => {
  const fails = (error: Error): RunnerPorts => portsWith(() => Promise.reject(error))
  const away = new ClusterError('UNAVAILABLE', 'no master')
  expect(await prepareRuleOrder(orderOf(), fails(away), never)).toBeUndefined()
  await expect(prepareRuleOrder(orderOf(), fails(new InvariantError('bug')), never)).rejects.toThrow('bug')
})
