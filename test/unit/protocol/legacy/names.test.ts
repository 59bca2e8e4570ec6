import {expect, test} from 'vitest'
import {
  blobUrl,
  expandTable,
  hashFolder,
  jobIndexUrl,
  jobSectionUrl,
  objectStamp,
  parseBlobUrl,
  parseJobUrl,
  parseObjectName,
  problemOf,
} from '../../../../src/protocol/index.ts'

test('stamps and folders are those of Disco', () => {
  expect(objectStamp(1_414_411_200_123_456)).toBe('586-64640-1e240')
  expect(objectStamp(1_414_000_000_000_005)).toBe('586-00-5')
  expect(hashFolder('data:log-0$586-64640-1e240')).toBe('15')
  expect(hashFolder('data:log$586-64640-1e240')).toBe('73')
  expect(hashFolder('WordCount@586:64640:1e240')).toBe('33')
  expect(parseObjectName('data:log-0$586-64640-1e240')).toEqual({name: 'data:log-0', stamp: '586-64640-1e240'})
  for (const bad of ['a', '$1-2-3', 'a$1-2', 'a$1-2-3$4', 'a.b$1-2-3', 'a$1-2-G'])
    expect(parseObjectName(bad)).toBeUndefined()
})

test('what is written as a URL is read from it', () => {
  const blob = {name: 'a', stamp: '1-2-3', blob: 'ab'.repeat(32)}
  expect(parseBlobUrl(blobUrl('localhost', 1, blob))).toEqual(blob)
  expect(parseBlobUrl('disco://n1/ddfs/vol0/blob/15/data:log-0$586-64640-1e240')).toBeUndefined()
  const job = 'Word@586:64640:1e240'
  expect(parseJobUrl(jobIndexUrl('h', job, {stage: 'map-1', task: 3, run: 17}))).toEqual({
    type: 'index',
    job,
    stage: 'map-1',
    task: 3,
    run: 17,
  })
  const section = {node: 'n1', file: '17/out/part', offset: 5, bytes: 9}
  expect(parseJobUrl(jobSectionUrl('h', job, section))).toEqual({type: 'section', job, ...section})
  expect(parseJobUrl(`disco://h/disco/h/${hashFolder(job)}/${job}/n1/../../secret@0+1`)).toBeUndefined()
})

test('ranges of nodes are spread out, and wrong tables refused', () => {
  const hosts = expandTable([
    ['nx08:11', '8'],
    [' big1 ', '16'],
  ])
  expect(hosts).toEqual(
    new Map([
      ['nx08', 8],
      ['nx09', 8],
      ['nx10', 8],
      ['nx11', 8],
      ['big1', 16],
    ]),
  )
  expect(expandTable([['a', 'x']])).toBe('invalid config')
  expect(expandTable([['nx9:01', '1']])).toBe('invalid config')
  expect(
    expandTable([
      ['a', '1'],
      ['a', '1'],
    ]),
  ).toBe('duplicate nodes')
})

test('wrong bodies are told in the words of Disco', () => {
  expect(problemOf(5, 'string')).toBe("string expected, '5' received")
  expect(problemOf([1], {parts: ['integer', 'string']})).toBe("list of length 2 expected, '[1]' received")
  expect(problemOf([1, ['a']], {parts: ['integer', {list: 'string'}]})).toBeUndefined()
})
