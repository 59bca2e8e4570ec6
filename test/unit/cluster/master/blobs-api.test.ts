import {expect, test} from 'vitest'
import {blobHandlers} from '../../../../src/cluster/master/api/blobs.ts'
import type {Master} from '../../../../src/cluster/master/master.ts'
import type {BlobClientRequest} from '../../../../src/ddfs/index.ts'
import type {PlaceAnswer} from '../../../../src/protocol/index.ts'
import {checkTicket, ticketKeyOf} from '../../../../src/protocol/index.ts'
import {serve, tokenFor} from '../serve.ts'

const ticketKey = ticketKeyOf('secret')

async function served() {
  const asked: BlobClientRequest[] = []
  const ask = async (request: BlobClientRequest): Promise<unknown> => {
    asked.push(request)
    if (request.type === 'locate') return {type: 'located', blobs: [], unknown: request.blobs, isCertain: true}
    if (request.type === 'place') return {type: 'placed', nodes: [{node: 'n1', freeBytes: 1}]}
    return {type: 'sizes-found', sizes: [7]}
  }
  const master = {
    blobs: {ask},
    mesh: {members: () => [{name: 'n1', address: 'http://n1:1'}]},
    settingNumbers: () => ({replicas: 3}),
    settle: () => undefined,
    ticketKey,
  } as unknown as Master
  const {url} = await serve({...blobHandlers(master)})
  const post = (path: string, body: object) =>
    fetch(`${url}/api/v1/blobs/${path}`, {
      method: 'POST',
      headers: {authorization: `Bearer ${tokenFor('write')}`},
      body: JSON.stringify(body),
    })
  return {asked, post}
}

test('lengths that blobs have are told when they are asked for', async () => {
  const {asked, post} = await served()
  expect(await (await post('locate', {blobs: [], sizes: [5, 7]})).json()).toEqual({
    blobs: [],
    isCertain: true,
    sizes: [7],
  })
  expect(asked).toContainEqual({type: 'find-sizes', sizes: [5, 7]})
  expect(await (await post('locate', {blobs: []})).json()).toEqual({blobs: [], isCertain: true})
  expect((await post('locate', {blobs: [], sizes: Array.from({length: 17}, () => 1)})).status).toBe(400)
  expect((await post('locate', {blobs: [], sizes: [-1]})).status).toBe(400)
})

test('room is held under the target that stands in the ticket', async () => {
  const {asked, post} = await served()
  const {targets} = (await (await post('place', {})).json()) as PlaceAnswer
  const [held] = asked
  const ticket = targets[0]?.url.split('/').at(-1) ?? ''
  const check = checkTicket(ticket, {method: 'PUT', node: 'n1'}, ticketKey, Date.now())
  expect(held).toMatchObject({type: 'place', target: expect.stringMatching(/^[0-9a-f]{32}$/)})
  expect(check).toMatchObject({type: 'valid', ticket: {target: held?.type === 'place' ? held.target : ''}})
})
