import {describe, expect, test} from 'vitest'
import {
  decodeDiscoPack,
  discoStamp,
  encodeDiscoPack,
  indexText,
  isDiscoPack,
  isDiscoStamp,
  MessageRate,
  parseIndex,
  readDiscoJob,
} from '../../../../src/protocol/index.ts'

const minimal = {
  prefix: 'wc',
  owner: 'u@h',
  worker: 'w.sh',
  pipeline: [['map', 'split', false]],
  inputs: [[0, 0, ['raw://hello']]],
  scheduler: {},
}

/** Byte by byte, as the specification says. */
function packOf(version: number, dict: string, envs = '{}', home = '', data = ''): Buffer {
  const parts = [dict, envs, home, data].map(text => Buffer.from(text, 'latin1'))
  const header = Buffer.alloc(128)
  header.set([0xd5, 0xc0, 0, version])
  let at = 128
  for (const [index, part] of parts.entries()) {
    header.set([at >>> 24, (at >>> 16) & 255, (at >>> 8) & 255, at & 255], 4 + 4 * index)
    at += part.length
  }
  return Buffer.concat([header, ...parts])
}

describe('a pack', () => {
  test('of the specification has its header', () => {
    const jobDict = {x: 'y'.repeat(143 - '{"x":""}'.length)}
    const bytes = encodeDiscoPack({
      version: 2,
      jobDict,
      jobEnvs: {A: 'abcde'},
      jobHome: Buffer.alloc(0),
      jobData: Buffer.of(1),
    })
    expect(bytes.subarray(0, 20).toString('hex')).toBe('d5c00002000000800000010f0000011c0000011c')
    expect(bytes.subarray(20, 128).every(byte => byte === 0)).toBe(true)
  })

  test('is read byte by byte, and written again', () => {
    const bytes = packOf(2, JSON.stringify(minimal), '{"LANG":"C"}', 'zip', 'data\0\xff')
    const pack = decodeDiscoPack(bytes)
    expect(pack).toMatchObject({version: 2, jobDict: minimal, jobEnvs: {LANG: 'C'}})
    expect(pack.jobHome.toString()).toBe('zip')
    expect(pack.jobData).toEqual(Buffer.from('data\0\xff', 'latin1'))
    expect(encodeDiscoPack(pack)).toEqual(bytes)
    expect(isDiscoPack(bytes)).toBe(true)
    expect(isDiscoPack(Buffer.from('DISCPAK1'))).toBe(false)
  })

  test.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, 100), 'invalid header'],
    ['cut in its jobdict', (bytes: Buffer) => bytes.subarray(0, 140), 'invalid header'],
    ['of another version', (bytes: Buffer) => bytes.fill(7, 3, 4), "unsupported version '7'"],
    ['with another first offset', (bytes: Buffer) => bytes.fill(129, 7, 8), 'invalid header'],
    ['with offsets that fall', (bytes: Buffer) => bytes.fill(0, 12, 16), 'invalid header'],
    ['with an offset behind its end', (bytes: Buffer) => bytes.fill(0xff, 16, 20), 'invalid header'],
    ['without a jobdict', (bytes: Buffer) => bytes.fill(128, 11, 12).fill(0, 8, 11), 'invalid header'],
    [
      'with a jobdict that is no JSON',
      (bytes: Buffer) => bytes.fill(0x21, 128, 129),
      'invalid payload: jobdict is no JSON',
    ],
  ])('%s is refused', (_, change, message) => {
    expect(() => decodeDiscoPack(change(packOf(2, JSON.stringify(minimal))))).toThrow(message)
  })

  test('of half its length or with a flipped byte never gives anything but its own error', () => {
    const bytes = packOf(2, JSON.stringify(minimal), '{"A":"b"}')
    for (let at = 0; at < bytes.length; at++) {
      for (const changed of [bytes.subarray(0, at), Buffer.from(bytes).fill(bytes[at]! ^ 0x81, at, at + 1)]) {
        try {
          readDiscoJob(decodeDiscoPack(changed))
        } catch (error) {
          expect(error).toMatchObject({code: 'JOB_FILE_BROKEN'})
        }
      }
    }
  })
})

const jobOf = (change: object, version: 1 | 2 = 2): ReturnType<typeof readDiscoJob> =>
  readDiscoJob({version, jobDict: {...minimal, ...change}})

describe('a jobdict of version 2', () => {
  test('names pipeline and inputs', () => {
    const job = jobOf({
      pipeline: [
        ['map', 'split', false],
        ['reduce', 'group_node_label', true],
      ],
      inputs: [[3, 10, ['http://a/x', 'http://b/x']]],
      scheduler: {max_cores: 4, task_seconds: 9},
      save_results: true,
    })
    expect(job).toMatchObject({
      prefix: 'wc',
      worker: 'w.sh',
      owner: 'u@h',
      pipeline: [
        {name: 'map', grouping: 'split', isConcurrent: false},
        {name: 'reduce', grouping: 'group-node-label', isConcurrent: true},
      ],
      inputs: [{label: 3, bytes: 10, urls: ['http://a/x', 'http://b/x']}],
      isSaved: true,
      slotsMax: 4,
      taskSeconds: 9,
    })
    expect(jobOf({scheduler: {max_cores: 2 ** 31}}).slotsMax).toBeUndefined()
  })

  test.each([
    [{prefix: 'a/b'}, 'invalid prefix'],
    [{prefix: 'a.b'}, 'invalid prefix'],
    [{prefix: '$(rm)'}, 'invalid prefix'],
    [{worker: '../../bin/sh'}, "'worker'"],
    [{pipeline: [['map', 'split']]}, 'Invalid job pipeline'],
    [{pipeline: [['map', 'by_moon', false]]}, "invalid grouping 'by_moon'"],
    [
      {
        pipeline: [
          ['a', 'split', false],
          ['a', 'split', false],
        ],
      },
      'repeated_pipeline_stages',
    ],
    [{pipeline: [['input', 'split', false]]}, 'Invalid job pipeline'],
    [{inputs: ['raw://x']}, 'invalid_job_inputs'],
    [{inputs: [[0, 0, 'raw://x']]}, 'invalid_job_inputs'],
    [{inputs: [[-1, 0, ['raw://x']]]}, 'invalid_job_inputs'],
    [{save_results: 1}, 'invalid_job_save_results'],
    [{save_info: 's3'}, 'invalid_job_save_info'],
    [{scheduler: {max_cores: 0}}, "'max_cores'"],
  ])('%j is refused', (change, message) => {
    expect(() => jobOf(change)).toThrow(message)
  })

  test.each(['prefix', 'owner', 'worker', 'scheduler', 'pipeline', 'inputs'])('without %s is refused', key => {
    const jobDict = Object.fromEntries(Object.entries(minimal).filter(([name]) => name !== key))
    expect(() => readDiscoJob({version: 2, jobDict})).toThrow(`jobpack missing key '${key}'`)
  })
})

describe('a classic jobdict', () => {
  const stagesOf = (map: boolean, reduce: boolean, count: number, shuffle: boolean): string =>
    jobOf({input: [], 'map?': map, 'reduce?': reduce, nr_reduces: count, 'reduce_shuffle?': shuffle}, 1)
      .pipeline.map(({name, grouping}) => `${name}(${grouping})`)
      .join(' ')

  test.each([
    [false, false, 1, true, ''],
    [false, true, 1, true, 'reduce(group-all)'],
    [false, true, 3, false, 'reduce(group-label)'],
    [false, true, 3, true, 'reduce(group-label) reduce_shuffle(group-node)'],
    [true, false, 3, true, 'map(split) map_shuffle(group-node)'],
    [true, true, 1, true, 'map(split) map_shuffle(group-node) reduce(group-all)'],
    [true, true, 0, false, 'map(split) map_shuffle(group-node) reduce(group-label)'],
    [true, true, 2, true, 'map(split) map_shuffle(group-node) reduce(group-label) reduce_shuffle(group-node)'],
  ])('map %s, reduce %s, %s reduces, shuffle %s: %s', (map, reduce, count, shuffle, stages) => {
    expect(stagesOf(map, reduce, count, shuffle)).toBe(stages)
  })

  test('takes addresses and lists of addresses', () => {
    const {inputs} = jobOf({input: ['a', ['http://b', 'http://c']], nr_reduces: 1}, 1)
    expect(inputs.map(({label, urls}) => [label, urls])).toEqual([
      [0, ['a']],
      [0, ['http://b', 'http://c']],
    ])
    expect(() => jobOf({nr_reduces: 1}, 1)).toThrow("jobpack missing key 'input'")
    expect(() => jobOf({input: []}, 1)).toThrow("jobpack missing key 'nr_reduces'")
  })
})

test('an index is a line an output', () => {
  const lines = [
    {label: 0, url: 'disco://n1:80/x', bytes: 117},
    {label: 0, url: 'http://y', bytes: 0},
  ]
  expect(indexText(lines)).toBe('0 disco://n1:80/x 117\n0 http://y 0\n')
  expect(parseIndex(indexText(lines))).toEqual(lines)
  expect(parseIndex('0 a 1\nx\n')).toBe(2)
})

test('stamps are the time in three hexadecimal numbers', () => {
  expect(discoStamp(1_414_411_200_123_456)).toBe('586:64640:1e240')
  expect(discoStamp(1_414_000_000_000_005)).toBe('586:0:5')
  expect(isDiscoStamp('586:64640:1e240')).toBe(true)
  expect(isDiscoStamp('586:64640')).toBe(false)
})

test('the sixth message of a second waits, and so do all after it until there are fewer', () => {
  const rate = new MessageRate()
  expect([0, 10, 20, 30, 40].map(nowMs => rate.delayMs(nowMs))).toEqual([0, 0, 0, 0, 0])
  expect(rate.delayMs(50)).toBe(200)
  expect(rate.delayMs(250)).toBe(200)
  expect(rate.delayMs(1400)).toBe(0)
})
