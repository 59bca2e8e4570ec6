import {expect, test} from 'vitest'
import {blobHandlers} from '../../../../src/cluster/master/api/blobs.ts'
import type {Master} from '../../../../src/cluster/master/master.ts'
import type {BlobClientRequest} from '../../../../src/ddfs/index.ts'
import type {PlaceAnswer, SignAnswer} from '../../../../src/protocol/index.ts'
import {checkTicket, signedUrlMsMax, ticketKeyOf} from '../../../../src/protocol/index.ts'
import {serve, tokenFor} from '../serve.ts'

const ticketKey = ticketKeyOf('secret')

async function served() {
  const asked: BlobClientRequest[] = []
  const ask = async (request: BlobClientRequest): Promise<unknown> => {
    asked.push(request)
    if (request.type === 'locate') {
      return {
        type: 'located',
        blobs: request.blobs.map(blob => ({blob, bytes: 5, nodes: ['n1'], lostNodes: []})),
        isCertain: true,
      }
    }
    if (request.type === 'place') return {type: 'placed', nodes: [{node: 'n1', freeBytes: 1}]}
    return {type: 'sizes-found', sizes: [7]}
  }
  const master = {
    blobs: {ask},
    mesh: {members: () => [{name: 'n1', address: 'http://n1:1'}]},
    settings: {numbers: () => ({replicas: 3})},
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
  return {asked, post, url}
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

test('a signed URL opens its blob at its node until it expires, and nothing else', async () => {
  const {post} = await served()
  const blob = 'a'.repeat(64)
  const {blobs, expiresAtMs} = (await (await post('sign', {blobs: [blob], forMs: 60_000})).json()) as SignAnswer
  const [, path, ticket = ''] =
    /^http:\/\/n1:1(\/fetch\/blobs\/a{64})\/(.*)$/.exec(blobs[0]?.replicas[0]?.url ?? '') ?? []
  expect(path).toBe(`/fetch/blobs/${blob}`)
  expect(expiresAtMs - Date.now()).toBeLessThanOrEqual(60_000)
  const check = (use: object, nowMs: number): string =>
    checkTicket(ticket, {method: 'GET', node: 'n1', target: blob, ...use}, ticketKey, nowMs).type
  expect(check({}, expiresAtMs - 1)).toBe('valid')
  expect(check({}, expiresAtMs)).toBe('expired')
  expect(check({node: 'n2'}, expiresAtMs - 1)).toBe('forged')
  expect(check({target: 'b'.repeat(64)}, expiresAtMs - 1)).toBe('forged')
  expect(check({method: 'PUT'}, expiresAtMs - 1)).toBe('forged')
})

test('URLs are signed for a day at most, and for those who may read', async () => {
  const {post, url} = await served()
  expect((await post('sign', {blobs: [], forMs: signedUrlMsMax})).status).toBe(200)
  expect((await post('sign', {blobs: [], forMs: signedUrlMsMax + 1})).status).toBe(400)
  expect((await post('sign', {blobs: []})).status).toBe(400)
  const authorization = `Bearer ${tokenFor('run-rules')}`
  const body = JSON.stringify({blobs: [], forMs: 1})
  expect((await fetch(`${url}/api/v1/blobs/sign`, {method: 'POST', headers: {authorization}, body})).status).toBe(403)
})
