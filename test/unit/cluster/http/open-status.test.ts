import {describe, expect, test} from 'vitest'
import {isOpenStatus} from '../../../../src/cluster/http/open-status.ts'
import {type EndpointName, endpoints} from '../../../../src/protocol/index.ts'
import {serve} from '../serve.ts'

const local = '127.0.0.1'

describe('what may be seen without a token where that is allowed', () => {
  test('are states and counts, and nothing that is more than reading', () => {
    const open = (Object.keys(endpoints) as EndpointName[]).filter(name => isOpenStatus(name, local, {}))
    expect(open.sort()).toEqual(
      ['cluster', 'jobEvents', 'listJobs', 'listTasks', 'maintenance', 'nodes', 'readJob', 'rules'].sort(),
    )
    for (const name of open) expect(endpoints[name]).toMatchObject({method: 'GET', access: 'read', by: 'master'})
  })

  test.each(['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])('is seen from %s', address => {
    expect(isOpenStatus('nodes', address, {})).toBe(true)
  })

  test.each(['10.0.0.1', '::ffff:10.0.0.1', '128.0.0.1', '1.127.0.0.1', '', undefined])(
    'is not seen from %s',
    address => {
      expect(isOpenStatus('nodes', address, {})).toBe(false)
    },
  )

  test.each([
    {'x-forwarded-for': '10.0.0.1'},
    {forwarded: 'for=10.0.0.1'},
    {via: '1.1 proxy'},
    {'x-disco-passed-on': '1'},
    {'sec-fetch-site': 'cross-site'},
    {'sec-fetch-site': 'same-site'},
  ])('is not seen by way of others: %o', headers => {
    expect(isOpenStatus('nodes', local, headers)).toBe(false)
  })

  test('is seen by a page of the node itself', () => {
    expect(isOpenStatus('nodes', local, {'sec-fetch-site': 'same-origin'})).toBe(true)
  })
})

describe('a server', () => {
  const statusOf = async (url: string, path: string, headers: Record<string, string> = {}): Promise<number> => {
    const response = await fetch(url + path, {headers})
    await response.arrayBuffer()
    return response.status
  }

  test('shows states without a token where the cluster allows it, and nothing else', async () => {
    const {url} = await serve({}, {isStatusOpen: () => true})
    expect(await statusOf(url, '/api/v1/nodes')).toBe(200)
    expect(await statusOf(url, '/api/v1/rules')).toBe(200)
    expect(await statusOf(url, '/api/v1/tags')).toBe(401)
    expect(await statusOf(url, '/api/v1/jobs/x/results')).toBe(401)
    expect(await statusOf(url, '/api/v1/settings')).toBe(401)
    expect(await statusOf(url, '/api/v1/nodes', {authorization: `Bearer dsc_admin_${'w'.repeat(43)}`})).toBe(401)
  })

  test('shows none of it unless it was allowed', async () => {
    const {url} = await serve({}, {isStatusOpen: () => false})
    expect(await statusOf(url, '/api/v1/nodes')).toBe(401)
  })
})
