import {execFileSync} from 'node:child_process'
import {mkdtempSync, readdirSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {fileOf, manyLines, runPlain} from './runs.ts'

const folder = mkdtempSync(join(tmpdir(), 'test-full-'))
let isMounted = false
let before: string | undefined

beforeAll(() => {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder], {stdio: 'ignore'})
    isMounted = true
  } catch {
    // Only root may mount: without a small disk there is nothing to fill.
    return
  }
  before = process.env['TMPDIR']
  process.env['TMPDIR'] = folder
})

afterAll(() => {
  if (before !== undefined) process.env['TMPDIR'] = before
  if (isMounted) execFileSync('umount', [folder])
  rmSync(folder, {recursive: true, force: true})
})

test('a full disk while spilling is told, and what was written goes away', async context => {
  if (!isMounted) return context.skip()
  const input = fileOf(manyLines(1_000_000, index => `{"k":"key number ${index}"}`))
  const run = runPlain({keyParts: ['k'], valueParts: ['count']}, [input], {memoryBytes: 2 ** 19})
  await expect(run).rejects.toMatchObject({
    code: 'SPILL_FAILED',
    message: expect.stringMatching(/cannot write temporary data to .*: the disk is full/),
    hint: expect.stringContaining('TMPDIR'),
  })
  expect(readdirSync(folder)).toEqual([])
})
