import {appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {RuleCopies} from '../../../../src/daemon/rules/copies.ts'
import {logBytesMax} from '../../../../src/daemon/rules/limits.ts'
import {readReport} from '../../../../src/daemon/rules/report-file.ts'
import {RunFiles} from '../../../../src/daemon/rules/run-files.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(`${tmpdir()}/daemon-files-`)
})
afterEach(() => rmSync(folder, {recursive: true}))

test('output is kept by its end once it grows too long, and goes on behind that', () => {
  const files = new RunFiles(folder)
  files.make()
  const path = files.logPath(3)
  writeFileSync(path, 'short\n')
  files.capLog(3)
  expect(files.logTail(3)).toBe('short')
  appendFileSync(path, `${'x'.repeat(79)}\n`.repeat(Math.ceil((2 * logBytesMax) / 80)))
  appendFileSync(path, 'the end\n')
  files.capLog(3)
  appendFileSync(path, 'and more\n')
  expect(statSync(path).size).toBeLessThan(logBytesMax + 100)
  expect(readFileSync(path, 'utf8')).toMatch(/^… what came before was dropped\nxxxx/)
  expect(files.logTail(3)).toMatch(/the end\nand more$/)
  expect(files.list()).toEqual([3])
})

test('a report is read by what the daemon needs, and one that cannot be is a failure', () => {
  const path = join(folder, 'report.json')
  expect(readReport(path)).toBeUndefined()
  const report = {state: 'done', seconds: 2, rowCounts: {a: 1, b: 2}, planHash: 'h'}
  writeFileSync(path, JSON.stringify(report))
  expect(readReport(path)).toEqual({
    type: 'report',
    state: 'done',
    message: undefined,
    rowCount: 3,
    seconds: 2,
    json: JSON.stringify(report),
  })
  writeFileSync(path, JSON.stringify({...report, state: 'failed', error: {code: 'X', message: 'no', hint: 'do'}}))
  expect(readReport(path)).toMatchObject({state: 'failed', message: 'no\ndo'})
  writeFileSync(path, JSON.stringify({...report, state: 'failed', error: {code: 'INTERRUPTED', message: 'no'}}))
  expect(readReport(path)).toEqual({type: 'gone'})
  writeFileSync(path, '{"state": "do')
  expect(readReport(path)).toEqual({type: 'failed', message: 'its report cannot be understood'})
})

test('a copy of a module looks like its project, and stays as it was', () => {
  const rules = join(folder, 'project/rules')
  mkdirSync(join(rules, 'lib'), {recursive: true})
  writeFileSync(join(rules, 'm.ts'), 'one')
  writeFileSync(join(rules, 'lib/words.ts'), 'words')
  writeFileSync(join(rules, 'table.csv'), 'a,b')
  writeFileSync(join(folder, 'project/package.json'), '{}')
  const copies = new RuleCopies(join(folder, 'state'), rules)
  const module = {module: 'm', modulesRead: [join(rules, 'm.ts'), join(rules, 'lib/words.ts')]}
  expect(copies.has('m')).toBe(false)
  copies.keep(module)
  writeFileSync(join(rules, 'm.ts'), 'two')
  writeFileSync(join(rules, 'lib/words.ts'), 'other words')
  const copy = copies.rulesFolder('m')
  const read = (name: string): string => readFileSync(join(copy, name), 'utf8')
  expect([read('m.ts'), read('lib/words.ts'), read('table.csv'), read('../package.json')]).toEqual([
    'one',
    'words',
    'a,b',
    '{}',
  ])
  copies.keep(module)
  expect([read('m.ts'), read('lib/words.ts')]).toEqual(['two', 'other words'])
  const {ino} = statSync(join(copy, 'm.ts'))
  copies.keep(module)
  expect(statSync(join(copy, 'm.ts')).ino).toBe(ino)
})
