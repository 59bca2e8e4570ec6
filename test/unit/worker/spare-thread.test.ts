import {mkdtempSync, rmSync, truncateSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {Worker} from 'node:worker_threads'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {oneKernelBytesMax} from '../../../src/worker/limits.ts'
import {startThreadFor, takeThread} from '../../../src/worker/spare-thread.ts'

let dir = ''
let large = ''
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'spare-thread-'))
  large = join(dir, 'large.ndjson')
  writeFileSync(large, '')
  truncateSync(large, oneKernelBytesMax + 1)
})
afterAll(() => rmSync(dir, {recursive: true}))

/** Threads are numbered as they are made. Returns the number of the one that is handed out, and of one that is made now. */
async function takenAndNext(): Promise<{taken: number; next: number}> {
  const marker = new Worker('', {eval: true})
  const next = marker.threadId
  const thread = takeThread()
  const taken = thread.threadId
  await Promise.all([thread.terminate(), marker.terminate()])
  return {taken, next}
}

describe('a spare thread', () => {
  test('is started ahead for a file with enough to read, once, and handed out once', async () => {
    startThreadFor(['-k', 'a', large])
    startThreadFor([large])
    const first = await takenAndNext()
    expect(first.taken).toBe(first.next - 1)
    const second = await takenAndNext()
    expect(second.taken).toBe(second.next + 1)
  })

  test.each([
    ['little to read', () => [join(dir, '../no such file'), dir]],
    ['a flag', () => [`--settings=${large}`]],
  ])('is not started for %s', async (_, words) => {
    startThreadFor(words())
    const {taken, next} = await takenAndNext()
    expect(taken).toBe(next + 1)
  })
})
