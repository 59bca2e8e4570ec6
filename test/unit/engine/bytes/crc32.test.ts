import {crc32 as fastCrc32} from 'node:zlib'
import {expect, test} from 'vitest'
import {crc32} from '../../../../src/engine/bytes/index.ts'

test.each([0, 1, 0x7fffffff, 0x80000000, 0xffffffff])('the checksum after %i is that of zlib', before => {
  const bytes = Uint8Array.from({length: 5000}, (_, index) => (index * 7919) >>> 3)
  for (const length of [0, 1, 2, 255, 5000])
    expect(crc32(bytes.subarray(0, length), before)).toBe(fastCrc32(bytes.subarray(0, length), before))
})
