import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {basename, dirname, join} from 'node:path'
import {expect, onTestFinished, test} from 'vitest'
import {BadLines} from '../../../src/worker/bad-lines.ts'
import {badCharsBuffered} from '../../../src/worker/limits.ts'

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'test-bad-lines-'))
  onTestFinished(() => rmSync(folder, {recursive: true, force: true}))
  return folder
}

const linesIn = (file: string): unknown[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(text => text !== '')
    .map(text => JSON.parse(text))

test('each part that has bad lines has a file of its own; the others have none', () => {
  const folder = makeFolder()
  const bad = new BadLines(folder, 0)
  expect(bad.endPart()).toBeNull()
  bad.keep(3, 'json', '{"a":\n', 'it ends too early')
  const first = bad.endPart()!
  expect(bad.endPart()).toBeNull()
  bad.keep(1, 'step', '{}', undefined)
  const second = bad.endPart()!
  expect(linesIn(first)).toEqual([{line: 3, reason: 'json', detail: 'it ends too early', text: '{"a":\n'}])
  expect(linesIn(second)).toEqual([{line: 1, reason: 'step', text: '{}'}])
  expect(readdirSync(folder).sort()).toEqual([basename(first), basename(second)].sort())
})

test('many lines of one part are in one file, in their order', () => {
  const bad = new BadLines(makeFolder(), 0)
  const text = 'x'.repeat(badCharsBuffered / 4)
  for (let line = 1; line <= 10; line++) bad.keep(line, 'json', text, undefined)
  const lines = linesIn(bad.endPart()!) as {line: number}[]
  expect(lines.map(({line}) => line)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
})

test('scanners that share a folder do not write into the files of each other', () => {
  const folder = makeFolder()
  const files = [0, 1].map(scanner => {
    const bad = new BadLines(folder, scanner)
    bad.keep(1, 'json', '', undefined)
    return bad.endPart()
  })
  expect(new Set(files).size).toBe(2)
})

test('files are made where the scanner has moved to', () => {
  const folder = makeFolder()
  const next = join(folder, 'next')
  mkdirSync(next)
  const bad = new BadLines(folder, 0)
  bad.moveTo(next)
  bad.keep(1, 'json', '', undefined)
  expect(dirname(bad.endPart()!)).toBe(next)
})

test('a folder that takes nothing is an error of the run', () => {
  const bad = new BadLines(join(makeFolder(), 'missing'), 0)
  bad.keep(1, 'json', '', undefined)
  expect(() => bad.endPart()).toThrow(expect.objectContaining({name: 'UserError'}))
})
