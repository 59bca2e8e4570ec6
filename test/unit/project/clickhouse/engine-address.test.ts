import {expect, test} from 'vitest'
import {engineTarget} from '../../../../src/project/clickhouse/engine-address.ts'
import {engineError} from '../../../../src/project/clickhouse/engine-error.ts'

test('an address may be written as HTTP, by variables, and name a cluster', () => {
  const {target, name, cluster} = engineTarget('https://ann:$PW@db:8443/web?cluster=main', {PW: 'p@s'})
  expect({name, cluster, scheme: target.scheme}).toEqual({
    name: 'clickhouses://db:8443/web',
    cluster: 'main',
    scheme: 'clickhouses',
  })
  expect(target.address).toBe('clickhouses://ann:p%40s@db:8443/web?cluster=main')
  expect(engineTarget('env:CH', {CH: 'http://a:b@db:8123/web'}).name).toBe('clickhouse://db:8123/web')
  expect(engineTarget('clickhouse://db/web', {}).cluster).toBeUndefined()
})

test.each([
  ['db:8123', {}, /is no address of an engine/],
  ['env:CH', {}, /CH, which the address of the engine names, is not set/],
  ['env:CH', {CH: 'sqlite:x'}, /env:CH is no address of an engine/],
  ['http://ann:secret@/x', {}, /is no address of an engine/],
])('%j is refused', (address, environment, message) => {
  const failure = catching(() => engineTarget(address, environment))
  expect(failure).toMatchObject({code: 'BAD_ENGINE', message: expect.stringMatching(message)})
  expect(String(failure)).not.toContain('secret')
})

test('messages of the server come without passwords and tickets, with what to do', () => {
  const engine = engineTarget('http://ann:secret@db:8123/web', {})
  const error = Object.assign(
    new Error(`secret (in file/uri http://n1:1/fetch/blobs/${'ab'.repeat(32)}/1.GET.ticket)`),
    {
      code: '86',
    },
  )
  expect(engineError(error, engine)).toMatchObject({
    code: 'BAD_ENGINE',
    message: 'clickhouse://db:8123/web: … (in file/uri http://n1:1/fetch/blobs/abababab…)',
    hint: expect.stringContaining('six hours'),
  })
  expect(engineError(Object.assign(new Error('busy'), {code: '202'}), engine)).toMatchObject({retryable: true})
  const bug = new Error('ours')
  expect(engineError(bug, engine)).toBe(bug)
})

function catching(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}
