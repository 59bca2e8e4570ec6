import {describe, expect, test} from 'vitest'
import {compileSelection, compileTagTemplate, type TemplateOptions} from '../../../../src/daemon/index.ts'
import {rotationBase} from '../../../../src/daemon/watch/identity.ts'
import {ageMsOf, followOptions} from '../../../../src/daemon/watch/run-watch.ts'
import {TextWindows} from '../../../../src/daemon/watch/text-windows.ts'

const options: TemplateOptions = {host: 'web1.example.com', folderName: 'nginx', timeZone: 'UTC', match: undefined}
/** 2026-11-23 23:30 in UTC. */
const atMs = Date.UTC(2026, 10, 23, 23, 30)

describe('names of tags', () => {
  test('placeholders stand for host, time, file and folder, made safe', () => {
    const tagOf = compileTagTemplate('in:{host}:{date}:{hour}:{dir}:{file}', options)
    expect(tagOf('access.log.gz', atMs)).toBe('in:web1:2026-11-23:23:nginx:access_log')
    expect(tagOf('a/b c/x.log', atMs)).toBe('in:web1:2026-11-23:23:b_c:x_log')
  })

  test('date and hour are those of the zone', () => {
    const tagOf = compileTagTemplate('{date}:{hour}', {...options, timeZone: 'Europe/Berlin'})
    expect(tagOf('a', atMs)).toBe('2026-11-24:00')
  })

  test('named groups of the pattern are placeholders and win', () => {
    const match = /^(?<site>[a-z]+)-(?<date>\d+)(?<rest>x)?/
    expect(compileTagTemplate('{site}:{date}{rest}', {...options, match})('shop-20261101.log', atMs)).toBe(
      'shop:20261101',
    )
  })

  test.each([
    ['in:{hots}', /no placeholder \{hots\}\. Did you mean "host"/],
    ['in dex:{host}', /cannot be the name of a tag/],
    ['in:{host', /cannot be the name of a tag/],
  ])('%s is refused before anything is read', (template, message) => {
    expect(() => compileTagTemplate(template, options)).toThrow(message)
  })

  test('a name that a file makes too long is refused with the file', () => {
    const tagOf = compileTagTemplate('{file}', options)
    expect(() => tagOf('x'.repeat(600), atMs)).toThrow(/^x+: "x+" cannot be the name of its tag/)
  })
})

test('patterns choose by name, also of compressed files, or by path', () => {
  const isWanted = compileSelection(['*.log', 'web1/*'], undefined)
  expect(['a.log', 'sub/a.log', 'a.log.gz', 'web1/x', 'a.txt', 'web2/x'].map(isWanted)).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
  ])
  expect(['a1', 'b1'].map(compileSelection([], /^a/))).toEqual([true, false])
})

test.each([
  ['access.log', 'access.log'],
  ['access.log.1', 'access.log'],
  ['access.log.12.gz', 'access.log'],
  ['logs/access.log-20261123.zst', 'logs/access.log'],
  ['app-2026-11-23.log', 'app.log'],
  ['web-1.log', 'web-1.log'],
  ['2026-11-23.log', '2026-11-23.log'],
])('what rotation leaves of %s is %s', (path, base) => {
  expect(rotationBase(path)).toBe(base)
})

test('flags that were not given mean no', () => {
  const flags = {tag: 'in', chunkBytes: 1 << 20, recordBytesMax: 1 << 20, age: '1s', timezone: 'UTC'}
  const following = followOptions('/logs', '/ledger', flags, () => undefined)
  const {isOnce, isFromEnd, isPolling, isRecursive, hasHeader, codec, format} = following
  expect([isOnce, isFromEnd, isPolling, isRecursive, hasHeader]).toEqual([false, false, false, false, false])
  expect([codec, format]).toEqual(['zstd', {type: 'lines'}])
})

test('ages have units', () => {
  expect(['500ms', '60s', '1.5m', '1h'].map(ageMsOf)).toEqual([500, 60_000, 90_000, 3_600_000])
  expect(() => ageMsOf('60')).toThrow('--age: "60" is not a time')
})

test('windows of a text that passes in pieces are those of the whole', () => {
  const text = Buffer.from(Array.from({length: 900}, (_, index) => `${index},`).join(''))
  const positions = [0, 5, 300, 1024, text.length, text.length + 1]
  for (const size of [1, 7, 255, 256, 257, 5000]) {
    const windows = new TextWindows(positions)
    for (let at = 0; at < text.length; at += size) windows.push(text.subarray(at, at + size))
    expect(windows.bytes).toBe(text.length)
    expect(Buffer.from(windows.head)).toEqual(text.subarray(0, 1024))
    expect(Buffer.from(windows.end)).toEqual(text.subarray(-256))
    expect([...windows.windows].map(([at, bytes]) => [at, Buffer.from(bytes)])).toEqual(
      positions.slice(0, 5).map(at => [at, text.subarray(Math.max(0, at - 256), at)]),
    )
  }
})
