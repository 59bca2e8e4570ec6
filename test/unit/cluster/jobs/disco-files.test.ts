import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {discoFiles} from '../../../../src/cluster/jobs/master/disco-files.ts'
import {type InputSources, resolveInputs} from '../../../../src/cluster/jobs/master/resolve-inputs.ts'
import type {Output} from '../../../../src/pipeline/index.ts'
import {jobIndexUrl, jobSectionUrl} from '../../../../src/protocol/index.ts'

const job = 'wc@586:64640:1e240'
const file = (label: number, path: string, bytes: number): Output => ({
  label,
  place: {type: 'file', node: 'n1', path},
  bytes,
  records: 0,
})
const outputs = [file(0, '17/a@0', 5), file(3, '17/b@0', 6), file(3, '17/c@6', 7), file(1, '18/d@0', 8)]
const files = discoFiles((name, stage) => (name === job && stage === 'map' ? outputs : undefined))

let server: Server
let address = ''
beforeAll(async () => {
  server = createServer(({url}, response) => {
    if (url === '/disco/n7/index') response.end('2 disco://n7/disco/x 10\n0 http://h/y 0\n')
    else if (url === '/disco/n7/bad') response.end('2 disco://n7/disco/x 10\nwhat\n')
    else response.writeHead(404).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise(resolve => server.close(resolve)))

describe('an index', () => {
  const indexOf = (run: number, stage = 'map', name = job): string => jobIndexUrl('m:8989', name, {stage, task: 3, run})

  test('of a job of this cluster is the files of one run, as addresses that nodes know', async () => {
    expect(await files.linesOf(indexOf(17))).toEqual([
      {label: 0, place: {type: 'urls', urls: [`disco://n1/${job}/17/a`]}, bytes: 5, records: 0, nodes: ['n1']},
      {label: 3, place: {type: 'urls', urls: [`disco://n1/${job}/17/b`]}, bytes: 6, records: 0, nodes: ['n1']},
      {
        label: 3,
        place: {
          type: 'urls',
          urls: [jobSectionUrl('m:8989', job, {node: 'n1', file: '17/c', offset: 6, bytes: 7})],
        },
        bytes: 7,
        records: 0,
        nodes: ['n1'],
      },
    ])
  })

  test.each([
    ['a run that left nothing', indexOf(1)],
    ['a stage that is not there', indexOf(17, 'reduce')],
    ['a job that is not there', indexOf(17, 'map', 'no@1:2:3')],
  ])('of %s refuses the job', async (_, url) => {
    await expect(files.linesOf(url)).rejects.toMatchObject({code: 'BAD_JOB', message: expect.stringContaining(url)})
  })

  test('that is somewhere else is fetched', async () => {
    expect(await files.linesOf(`dir://${address}/disco/n7/index`)).toEqual([
      {label: 2, place: {type: 'urls', urls: ['disco://n7/disco/x']}, bytes: 10, records: 0},
      {label: 0, place: {type: 'urls', urls: ['http://h/y']}, bytes: 0, records: 0},
    ])
    const refused = {code: 'BAD_JOB'}
    await expect(files.linesOf(`dir://${address}/disco/n7/bad`)).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('line 2 is none of an index'),
    })
    await expect(files.linesOf(`dir://${address}/disco/n7/none`)).rejects.toMatchObject(refused)
    await expect(files.linesOf('dir://')).rejects.toMatchObject(refused)
    await expect(files.linesOf('dir://a b/c')).rejects.toMatchObject(refused)
  })
})

describe('inputs of a pack of Disco', () => {
  const sources: InputSources = {
    entriesOf: async () => [],
    tagNames: () => [],
    locate: async () => [],
    resultsOf: () => [],
    discoFiles: files,
    checkResultTag: async () => undefined,
  }
  const index = jobIndexUrl('m:8989', job, {stage: 'map', task: 0, run: 18})
  const hints = [{label: 0, bytes: 0}]

  test('of version 1 are the lines of an index, with its labels', async () => {
    const options = {mayMiss: false, takesAnyUrl: true, opensIndexes: true, hints}
    expect(await resolveInputs([[index, 'dir://replica']], sources, options)).toEqual([
      {label: 1, place: {type: 'urls', urls: [`disco://n1/${job}/18/d`]}, bytes: 8, records: 0, nodes: ['n1']},
    ])
  })

  test('of version 2 are the index itself, which the worker opens', async () => {
    const [input] = await resolveInputs([[index]], sources, {mayMiss: false, takesAnyUrl: true, hints})
    expect(input?.place).toEqual({type: 'urls', urls: [index]})
  })

  test('that are files of a job become addresses that nodes know', async () => {
    const url = jobSectionUrl('m:8989', job, {node: 'n1', file: '17/a', offset: 0, bytes: 5})
    const [input] = await resolveInputs([[url]], sources, {
      mayMiss: false,
      takesAnyUrl: true,
      hints: [{label: 4, bytes: 0}],
    })
    expect(input).toEqual({
      label: 4,
      place: {type: 'urls', urls: [`disco://n1/${job}/17/a`]},
      bytes: 5,
      records: 0,
      nodes: ['n1'],
    })
  })
})
