import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect, onTestFinished, test} from 'vitest'
import {checkFolderOf, writeBadLines} from '../../../src/cli/bad-out.ts'

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'test-bad-out-'))
  onTestFinished(() => rmSync(folder, {recursive: true, force: true}))
  return folder
}

const line = (number: number) => ({file: 'a', line: number, reason: 'json', text: '{'})

test('bad lines are one JSON object a line, in place of what was there', () => {
  const path = join(makeFolder(), 'bad')
  writeFileSync(path, 'of yesterday')
  writeBadLines(path, [line(1), line(2)])
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  expect(lines.map(text => JSON.parse(text))).toEqual([line(1), line(2)])
})

test('a file that cannot be complete is not there, and the old one stays', () => {
  const folder = makeFolder()
  const path = join(folder, 'bad')
  writeFileSync(path, 'of yesterday')
  function* failing() {
    yield line(1)
    throw new Error('the temporary file is gone')
  }
  expect(() => writeBadLines(path, failing())).toThrow(expect.objectContaining({code: 'OUTPUT_FAILED'}))
  expect(readFileSync(path, 'utf8')).toBe('of yesterday')
  expect(readdirSync(folder)).toEqual(['bad'])
})

test('a device is written as it is', () => {
  writeBadLines('/dev/null', [line(1)])
})

test('a folder that is not there is told before anything is read', () => {
  const folder = makeFolder()
  checkFolderOf(join(folder, 'bad'))
  expect(() => checkFolderOf(join(folder, 'missing', 'bad'))).toThrow(expect.objectContaining({code: 'OUTPUT_FAILED'}))
})
