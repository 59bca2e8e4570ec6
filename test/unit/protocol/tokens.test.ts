import {describe, expect, test} from 'vitest'
import {
  bearerOf,
  blobBytesMax,
  checkTicket,
  findToken,
  formatToken,
  hashToken,
  hasScope,
  parseToken,
  scopes,
  signTicket,
  type Ticket,
  ticketKeyOf,
} from '../../../src/protocol/index.ts'

const secret = new Uint8Array(32).map((_, index) => index * 7)

describe('a token', () => {
  test('names its scopes in their order and can be read back', () => {
    const text = formatToken(['write', 'read'], secret)
    expect(text).toMatch(/^dsc_read\.write_[A-Za-z0-9_-]{43}$/)
    expect(parseToken(text)).toEqual({scopes: ['read', 'write'], text})
  })

  test.each([
    '',
    'dsc_admin_',
    'dsc_admin_short',
    `dsc_write.read_${'A'.repeat(43)}`,
    `dsc_read.read_${'A'.repeat(43)}`,
    `dsc_root_${'A'.repeat(43)}`,
    `dsc__${'A'.repeat(43)}`,
    `dsc_admin_${'A'.repeat(44)}`,
    // The last character has two bits that must be 0.
    `dsc_admin_${'A'.repeat(42)}B`,
    ` dsc_admin_${'A'.repeat(43)}`,
    `dsc_admin_${'A'.repeat(43)}\n`,
  ])('is not %j', text => {
    expect(parseToken(text)).toBeUndefined()
  })

  test('is found by its hash among others, and nothing else is', () => {
    const mine = formatToken(['join'], secret)
    const other = formatToken(['join'], new Uint8Array(32))
    expect(findToken(mine, [hashToken(other), hashToken(mine)])).toBe(1)
    expect(findToken(`${mine} `, [hashToken(mine)])).toBe(-1)
    expect(findToken(mine, [])).toBe(-1)
    expect(findToken(mine, ['damaged'])).toBe(-1)
    expect(findToken(hashToken(mine), [hashToken(mine)])).toBe(-1)
  })

  test('comes in an Authorization header', () => {
    expect(bearerOf('Bearer abc')).toBe('abc')
    expect(bearerOf('bearer abc')).toBe('abc')
    for (const header of [undefined, '', 'Bearer', 'Bearer ', 'Basic abc', 'Bearer a b', `Bearer ${'x'.repeat(257)}`]) {
      expect(bearerOf(header)).toBeUndefined()
    }
  })
})

test('scopes bring others along', () => {
  const granted = (scope: (typeof scopes)[number]): string[] => scopes.filter(needed => hasScope([scope], needed))
  expect(granted('read')).toEqual(['read'])
  expect(granted('write')).toEqual(['read', 'write'])
  expect(granted('run-rules')).toEqual(['run-rules'])
  expect(granted('run-code')).toEqual(['run-rules', 'run-code'])
  expect(granted('admin')).toEqual(scopes)
  expect(granted('join')).toEqual(['join'])
  expect(hasScope([], 'read')).toBe(false)
})

describe('a ticket', () => {
  const key = ticketKeyOf('secret of the cluster')
  const ticket: Ticket = {
    method: 'PUT',
    node: 'n1',
    target: 'upload-7',
    bytesMax: 1000,
    replicaCount: 3,
    expiresAtMs: 50_000,
  }
  const text = signTicket(ticket, key)
  const use = {method: 'PUT', node: 'n1'} as const

  test('is good at its node, for its method, until it expires, and needs no escaping', () => {
    expect(encodeURIComponent(text)).toBe(text)
    expect(checkTicket(text, use, key, 49_999)).toEqual({type: 'valid', ticket})
    expect(checkTicket(text, {...use, target: 'upload-7'}, key, 0)).toEqual({type: 'valid', ticket})
    expect(checkTicket(text, use, key, 50_000)).toEqual({type: 'expired'})
  })

  test('is forged for another use or under another key', () => {
    const forged = {type: 'forged'}
    expect(checkTicket(text, {...use, node: 'n2'}, key, 0)).toEqual(forged)
    expect(checkTicket(text, {...use, method: 'GET'}, key, 0)).toEqual(forged)
    expect(checkTicket(text, {...use, target: 'upload-8'}, key, 0)).toEqual(forged)
    expect(checkTicket(text, use, ticketKeyOf('another secret'), 0)).toEqual(forged)
  })

  test('is forged when any character of it changes', () => {
    for (let index = 0; index < text.length; index++) {
      for (const other of ['0', '9', 'A', '.', 'z']) {
        const changed = text.slice(0, index) + other + text.slice(index + 1)
        if (changed !== text) expect(checkTicket(changed, use, key, 0), changed).toEqual({type: 'forged'})
      }
    }
    expect(checkTicket(text.replace('.1000.', '.01000.'), use, key, 0)).toEqual({type: 'forged'})
    expect(checkTicket('', use, key, 0)).toEqual({type: 'forged'})
  })

  test('is not good beyond the limits, whoever signed it', () => {
    const huge = signTicket({...ticket, bytesMax: blobBytesMax + 1}, key)
    expect(checkTicket(huge, use, key, 0)).toEqual({type: 'forged'})
    expect(checkTicket(signTicket({...ticket, replicaCount: 10}, key), use, key, 0)).toEqual({type: 'forged'})
  })
})
