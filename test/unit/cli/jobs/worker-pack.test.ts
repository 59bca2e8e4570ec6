import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {type WorkerFlags, workerPack} from '../../../../src/cli/jobs/worker-pack.ts'
import {decodeDiscoPack, readDiscoJob} from '../../../../src/protocol/index.ts'
import {readZip} from '../../../../src/worker/index.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'worker-pack-'))
  writeFileSync(join(folder, 'count.v2.py'), '#!/usr/bin/env python3\n')
  mkdirSync(join(folder, 'lib/deep'), {recursive: true})
  writeFileSync(join(folder, 'lib/one.py'), 'one')
  writeFileSync(join(folder, 'lib/deep/two.py'), 'two')
  writeFileSync(join(folder, 'words.txt'), 'a b')
})
afterAll(() => rmSync(folder, {recursive: true}))

const none: WorkerFlags = {reduces: 1}
const pack = (flags: Partial<WorkerFlags>, inputs: readonly string[] = ['data:texts']) =>
  decodeDiscoPack(workerPack(join(folder, 'count.v2.py'), inputs, {...none, ...flags}))

describe('a worker with its flags', () => {
  test('of map and reduce is a pack of version 1', () => {
    const {version, jobDict} = pack({map: true, reduce: true, reduces: 3, owner: 'ann@desk'})
    expect([version, jobDict]).toEqual([
      1,
      {
        prefix: 'count',
        owner: 'ann@desk',
        worker: 'count.v2.py',
        scheduler: {},
        save_results: false,
        'map?': true,
        'reduce?': true,
        nr_reduces: 3,
        input: ['data:texts'],
      },
    ])
  })

  test('of stages is a pack of version 2, with the groupings of either spelling', () => {
    const read = pack({stage: ['map=split', 'sum=group-label,concurrent', 'all=group_all'], prefix: 'mine', save: true})
    const {prefix, pipeline, inputs, isSaved} = readDiscoJob(read)
    expect(read.version).toBe(2)
    expect([prefix, isSaved]).toEqual(['mine', true])
    expect(pipeline.map(({name, grouping, isConcurrent}) => [name, grouping, isConcurrent])).toEqual([
      ['map', 'split', false],
      ['sum', 'group-label', true],
      ['all', 'group-all', false],
    ])
    expect(inputs).toEqual([{label: 0, bytes: 0, urls: ['data:texts']}])
  })

  test('holds files, folders, variables, limits and data', () => {
    const {jobHome, jobEnvs, jobData, jobDict} = pack({
      map: true,
      file: [join(folder, 'words.txt'), join(folder, 'lib/')],
      env: ['A=b=c'],
      scheduler: ['max_cores=2', 'note=text'],
      data: `@${join(folder, 'words.txt')}`,
    })
    const files = readZip(jobHome).map(({path, content, isExecutable}) => [path, content().toString(), isExecutable])
    expect(files).toEqual([
      ['count.v2.py', '#!/usr/bin/env python3\n', true],
      ['lib/deep/two.py', 'two', false],
      ['lib/one.py', 'one', false],
      ['words.txt', 'a b', false],
    ])
    expect(jobEnvs).toEqual({A: 'b=c'})
    expect(jobDict['scheduler']).toEqual({max_cores: 2, note: 'text'})
    expect(jobData.toString()).toBe('a b')
    expect(pack({map: true, data: 'text'}).jobData.toString()).toBe('text')
  })

  test.each<readonly [Partial<WorkerFlags>, RegExp]>([
    [{}, /say what the worker does/],
    [{map: true, stage: ['a=split']}, /say what the worker does/],
    [{stage: ['a=split,soon']}, /"soon" is not known/],
    [{stage: ['a']}, /--stage a has no value/],
    [{stage: ['a=middle']}, /invalid grouping 'middle'/],
    [{stage: ['a=split', 'a=split']}, /repeated_pipeline_stages/],
    [{map: true, prefix: 'a/b'}, /invalid prefix/],
    [{map: true, env: ['=x']}, /has no value/],
    [{map: true, scheduler: ['max_cores=0']}, /whole number above 0/],
  ])('%o is refused', (flags, message) => expect(() => pack(flags)).toThrow(message))

  test('that is not there, or comes twice, is refused', () => {
    expect(() => workerPack(join(folder, 'no.py'), [], {...none, map: true})).toThrow(/there is no file .*no\.py/)
    expect(() => pack({map: true, file: [join(folder, 'count.v2.py')]})).toThrow(/two files of the job are called/)
  })
})
