import {describe, expect, test} from 'vitest'
import {checkTimings, isOwnHost, meshUrl, timingsDefault} from '../../../src/mesh/index.ts'

describe('a Host header', () => {
  test.each(['localhost', 'LOCALHOST:1', '127.0.0.1', '10.0.0.7:7800', '[::1]', '[fe80::1]:7800', 'web1.lan:7800'])(
    '%s is ours',
    host => {
      expect(isOwnHost(host, ['Web1.lan'])).toBe(true)
    },
  )

  test.each([
    undefined,
    '',
    'evil.example',
    'web1.lan.evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '[::1].evil.example',
    '[evil]',
    'web1.lan:port',
    'web1.lan/',
    'a b',
    '::1',
    '2130706433',
  ])('%s is not', host => {
    expect(isOwnHost(host, ['web1.lan'])).toBe(false)
  })
})

describe('an address', () => {
  test.each([
    ['ws://web1:7800', 'ws://web1:7800/mesh'],
    ['http://web1:7800/', 'ws://web1:7800/mesh'],
    ['https://web1:7800', 'wss://web1:7800/mesh'],
    ['wss://[::1]:7800/x?y=1#z', 'wss://[::1]:7800/mesh'],
  ])('%s is dialled at %s', (address, url) => {
    expect(meshUrl(address).href).toBe(url)
  })

  test.each(['', 'web1:7800', 'web1', 'ftp://web1', 'ws://'])('%j is none', address => {
    expect(() => meshUrl(address)).toThrow(expect.objectContaining({code: 'BAD_FLAG', exitCode: 2}))
  })
})

describe('timings', () => {
  test('are completed', () => {
    expect(checkTimings({lostAfterMs: 60_000})).toEqual({...timingsDefault, lostAfterMs: 60_000})
  })

  test.each([
    {heartbeatMs: 0},
    {heartbeatMs: 1.5},
    {lostAfterMs: Number.NaN},
    {lostAfterMs: 14_999},
    {tombstoneMs: -1},
  ])('%j are refused', given => {
    expect(() => checkTimings(given)).toThrow(expect.objectContaining({code: 'BAD_SETTING'}))
  })
})
