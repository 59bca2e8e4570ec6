import {expect, test} from 'vitest'
import {freeBytes} from '../../../src/base/index.ts'

test('a piece with memory of its own is empty when it has been freed', () => {
  const piece = Buffer.allocUnsafeSlow(1 << 20)
  freeBytes(piece)
  expect([piece.length, piece.buffer.byteLength]).toEqual([0, 0])
  freeBytes(piece)
})

test('a part of something larger stays, and so does what it is a part of', () => {
  const whole = Buffer.from(new ArrayBuffer(100)).fill(7)
  freeBytes(whole.subarray(10, 20))
  freeBytes(Buffer.from('small ones share one memory'))
  expect(whole.every(byte => byte === 7)).toBe(true)
})
