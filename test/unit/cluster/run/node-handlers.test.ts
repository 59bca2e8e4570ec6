import {expect, test} from 'vitest'
import type {ApiCall, Handlers} from '../../../../src/cluster/http/index.ts'
import type {Master} from '../../../../src/cluster/master/master.ts'
import {RequestCounts} from '../../../../src/cluster/metrics/index.ts'
import {handlersOf, httpOf, lateHandlers} from '../../../../src/cluster/run/node-handlers.ts'
import {endpoints} from '../../../../src/protocol/index.ts'
import {nodeOptions} from '../node-options.ts'

const call = {} as ApiCall
const options = {...nodeOptions('/none'), onEnd: () => undefined}
const place = {name: 'n1', url: 'http://127.0.0.1:1', counts: new RequestCounts()}

test('a node that starts says so at every endpoint, and answers when it is there', async () => {
  const state: {handlers?: Handlers} = {}
  const late = lateHandlers(() => state.handlers)
  expect(Object.keys(late).sort()).toEqual(Object.keys(endpoints).sort())
  expect(() => late.listTags(call)).toThrow(expect.objectContaining({code: 'UNAVAILABLE'}))
  state.handlers = {...late, listTags: async () => ({body: []})}
  expect(await late.listTags(call)).toEqual({body: []})
})

test('every endpoint has an answer, with a master and without', () => {
  const master = {jobs: {handlers: () => ({})}} as unknown as Master
  const withMaster = handlersOf(options, {master}, place)
  const onJobs = Object.keys(endpoints).filter(name => !(name in withMaster))
  // Those of the stand-in for jobs above.
  expect(onJobs.every(name => /job|task/i.test(name))).toBe(true)
  const agentOnly = handlersOf({...options, isMaster: false, join: 'ws://127.0.0.1:1'}, {}, place)
  expect(Object.keys(agentOnly).sort()).toEqual(Object.keys(endpoints).sort())
})

test('a node that is a master only says that it holds no blobs', async () => {
  const {readBlob, upload, readOob} = handlersOf({...options, isMaster: false}, {}, place)
  for (const handler of [readBlob, upload, readOob]) {
    await expect(handler(call)).rejects.toMatchObject({code: 'BLOB_NOT_FOUND'})
  }
})

test('the address of a master is also that of its HTTP side', () => {
  expect(httpOf(undefined)).toBeUndefined()
  expect(httpOf('ws://host:8989')).toBe('http://host:8989')
  expect(httpOf('wss://host:8989/x')).toBe('https://host:8989')
})
