import assert from 'node:assert/strict'
import {crc32} from 'node:zlib'
import {test} from 'vitest'
import {seededRandom} from '../../../../src/base/index.ts'
import {hashPartitioner} from '../../../../src/worker/jobs/task/hash-partition.ts'

test('a key belongs to the partition that its CRC-32 says', () => {
  const random = seededRandom(4)
  const bytes = Buffer.from(Array.from({length: 500}, () => random.int(256)))
  for (let index = 0; index < 2000; index++) {
    const start = random.int(500)
    const end = start + random.int(501 - start)
    const partitions = 1 + random.int(1000)
    const partition = hashPartitioner(partitions)(bytes, start, end)
    assert.equal(partition, crc32(bytes.subarray(start, end)) % partitions)
  }
})
