import {expect, test} from 'vitest'
import {InvariantError} from '../../../../src/base/index.ts'
import {ByteBuffer, ByteCursor} from '../../../../src/engine/bytes/index.ts'

test('what is written is read back', () => {
  const varints = [0, 1, 127, 128, 16383, 16384, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 35 + 5, Number.MAX_SAFE_INTEGER]
  const doubles = [0, -0.5, 1e300, Number.MIN_VALUE, Number.POSITIVE_INFINITY]
  const texts = ['', 'abc', '\u00e9', 'x'.repeat(127), 'x'.repeat(128), `${'x'.repeat(500)}\u{1f600}`, '\0']
  const out = new ByteBuffer(1)
  out.u8(255)
  for (const value of varints) out.varint(value)
  for (const value of doubles) out.f64(value)
  for (const value of texts) out.text(value)
  out.bytes(Uint8Array.of(1, 2, 3))
  const input = new ByteCursor(out.view())
  expect(input.u8()).toBe(255)
  expect(varints.map(() => input.varint())).toEqual(varints)
  expect(doubles.map(() => input.f64())).toEqual(doubles)
  expect(texts.map(() => input.text())).toEqual(texts)
  expect([...input.bytes()]).toEqual([1, 2, 3])
  expect(input.isAtEnd).toBe(true)
})

test('lone surrogates are written as U+FFFD', () => {
  const out = new ByteBuffer()
  out.text('a\ud800')
  expect(new ByteCursor(out.view()).text()).toBe('a\ufffd')
})

test('clear starts over in the same buffer', () => {
  const out = new ByteBuffer()
  out.text('long before')
  out.clear()
  out.u8(7)
  expect([out.length, [...out.view()]]).toEqual([1, [7]])
})

test('reading past the end and writing what is no varint are bugs', () => {
  const input = new ByteCursor(Uint8Array.of(5, 97))
  expect(() => input.text()).toThrow(InvariantError)
  expect(() => new ByteCursor(Uint8Array.of(128)).varint()).toThrow(InvariantError)
  expect(() => new ByteCursor(new Uint8Array(7)).f64()).toThrow(InvariantError)
  for (const value of [-1, 1.5, 2 ** 53, Number.NaN])
    expect(() => new ByteBuffer().varint(value)).toThrow(InvariantError)
})
