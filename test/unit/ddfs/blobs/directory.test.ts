import {expect, test} from 'vitest'
import {
  addBlob,
  blobAt,
  findSlot,
  hasBit,
  makeDirectory,
  removeBlob,
  setBit,
  widenHolders,
} from '../../../../src/ddfs/blobs/directory.ts'
import {blob} from './cluster-kit.ts'

test('blobs are found after others were added and removed, and slots are used again', () => {
  const directory = makeDirectory()
  for (let number = 0; number < 5000; number++) addBlob(directory, blob(number), number, 3)
  for (let number = 0; number < 5000; number += 2) removeBlob(directory, findSlot(directory, blob(number)))
  for (let number = 6000; number < 8000; number++) addBlob(directory, blob(number), number, 3)
  expect(directory.slotEnd).toBe(5000)
  for (let number = 0; number < 8000; number++) {
    const slot = findSlot(directory, blob(number))
    const isThere = number >= 6000 || (number < 5000 && number % 2 === 1)
    expect(slot >= 0).toBe(isThere)
    if (isThere) expect([blobAt(directory, slot), directory.bytes[slot]]).toEqual([blob(number), number])
  }
})

test('holders stay what they are when there are more than 32 nodes', () => {
  const directory = makeDirectory()
  const slots = [addBlob(directory, blob(1), 1, 1), addBlob(directory, blob(2), 1, 1)]
  setBit(directory, directory.holders, slots[1]!, 31)
  widenHolders(directory, 33)
  setBit(directory, directory.holders, slots[0]!, 32)
  const bits = slots.map(slot => [31, 32].map(node => hasBit(directory, directory.holders, slot, node)))
  expect(bits).toEqual([
    [false, true],
    [true, false],
  ])
})

test('a blob takes less than 150 bytes, growth included', () => {
  const directory = makeDirectory()
  for (let number = 0; number < 100_000; number++) addBlob(directory, blob(number), 1, 3)
  const {ids, bytes, wanted, flags, suspectMs, checkedRound, holders, seen, index} = directory
  const columns = [ids, bytes, wanted, flags, suspectMs, checkedRound, holders, seen, index]
  expect(columns.reduce((sum, column) => sum + column.byteLength, 0) / 100_000).toBeLessThan(150)
})
