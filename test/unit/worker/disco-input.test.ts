import {expect, test} from 'vitest'
import {encodeDiscoStream} from '../../../src/protocol/index.ts'
import {decodedChunks} from '../../../src/worker/decoded-chunks.ts'
import type {InputFile} from '../../../src/worker/input-files.ts'

const inputOf = (bytes: Buffer): InputFile =>
  ({
    name: 'old',
    path: undefined,
    bytes: undefined,
    compression: undefined,
    async *open() {
      yield bytes.subarray(0, 5)
      yield bytes.subarray(5)
    },
  }) as unknown as InputFile

async function textOf(bytes: Buffer): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const chunk of decodedChunks(inputOf(bytes), () => undefined)) parts.push(Buffer.from(chunk))
  return Buffer.concat(parts).toString()
}

test('a chunk that Disco wrote is read as its lines', async () => {
  const lines = ['{"a":1}\n', '{"a":2}\n']
  const bytes = Buffer.concat([...encodeDiscoStream(lines.map(line => Buffer.from(line)))])
  expect(await textOf(bytes)).toBe(lines.join(''))
  await expect(textOf(bytes.subarray(0, -3))).rejects.toMatchObject({code: 'INPUT_UNREADABLE'})
})

test('pairs that Disco wrote as netstrings are lines with a tab', async () => {
  expect(await textOf(Buffer.from('5 ocean 2 12\n3 sea 1 7\n'))).toBe('ocean\t12\nsea\t7\n')
  await expect(textOf(Buffer.from('5 ocean 2 12\n3 sea 1 7\n4 l'))).rejects.toMatchObject({code: 'INPUT_UNREADABLE'})
  expect(await textOf(Buffer.from('1 5 1 7\n1 3 1 9\n'))).toBe('1 5 1 7\n1 3 1 9\n')
})
