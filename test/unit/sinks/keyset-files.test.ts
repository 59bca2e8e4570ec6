import {mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {writeKeysetFiles} from '../../../src/sinks/index.ts'
import {FailingRows, headerOf, rowOf} from './rows.ts'

const headers = [headerOf('clicks', ['site', 'count']), headerOf('views', ['page'])]
const rows = [rowOf('clicks', ['a'], [3]), rowOf('views', ['x'], [])]
let base = ''
let dir = ''

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'sinks-'))
  dir = join(base, 'deep', 'out')
})
afterEach(() => rm(base, {recursive: true, force: true}))

test('one file a keyset, in a folder that is made', async () => {
  const paths = await writeKeysetFiles(dir, 'csv', headers, rows)
  expect(paths).toEqual([join(dir, 'clicks.csv'), join(dir, 'views.csv')])
  expect(await readdir(dir)).toEqual(['clicks.csv', 'views.csv'])
  expect(await readFile(paths[0]!, 'utf8')).toBe('site,count\na,3\n')
  expect(await readFile(paths[1]!, 'utf8')).toBe('page\nx\n')
})

test('keysets without rows have a file too', async () => {
  await writeKeysetFiles(dir, 'csv', headers, [])
  expect(await readFile(join(dir, 'views.csv'), 'utf8')).toBe('page\n')
  await writeKeysetFiles(dir, 'json', headers, [])
  expect(JSON.parse(await readFile(join(dir, 'views.json'), 'utf8'))).toEqual({keysets: {views: []}})
  await writeKeysetFiles(dir, 'ndjson', headers, [])
  expect(await readFile(join(dir, 'views.ndjson'), 'utf8')).toBe('')
  await writeKeysetFiles(dir, 'table', headers, [])
  expect(await readFile(join(dir, 'views.txt'), 'utf8')).toMatch(/^views · 0 rows\n┌/)
})

test('an error in the rows leaves the files of the run before', async () => {
  await writeKeysetFiles(dir, 'csv', headers, rows)
  const failing = new FailingRows(
    [rowOf('clicks', ['new'], [1]), rowOf('views', ['new'], [])],
    new Error('disk of the merge'),
  )
  await expect(writeKeysetFiles(dir, 'csv', headers, failing)).rejects.toThrow('disk of the merge')
  expect(await readdir(dir)).toEqual(['clicks.csv', 'views.csv'])
  expect(await readFile(join(dir, 'clicks.csv'), 'utf8')).toBe('site,count\na,3\n')
  expect(failing.isEnded).toBe(true)
})

test('an error takes away the folders that were made for nothing', async () => {
  await expect(writeKeysetFiles(dir, 'csv', headers, new FailingRows(rows, new Error('late')))).rejects.toThrow('late')
  expect(await readdir(base)).toEqual([])
})

test('an abort leaves nothing', async () => {
  const controller = new AbortController()
  const many = function* () {
    for (let index = 0; index < 200_000; index++) {
      if (index === 100_000) controller.abort(new Error('Ctrl-C'))
      yield rowOf('clicks', [`site-${index}`], [index])
    }
  }
  await expect(writeKeysetFiles(dir, 'csv', headers, many(), {signal: controller.signal})).rejects.toThrow('Ctrl-C')
  expect(await readdir(base)).toEqual([])
})

test('a file in the way is named', async () => {
  await writeFile(join(base, 'deep'), '')
  await expect(writeKeysetFiles(dir, 'csv', headers, rows)).rejects.toMatchObject({
    code: 'OUTPUT_FAILED',
    message: `cannot write ${dir}: a part of this path is a file, not a folder`,
    hint: 'choose a folder that exists or can be made',
  })
})

test('a folder in the place of a result is found before anything is replaced', async () => {
  await mkdir(join(dir, 'views.csv'), {recursive: true})
  await writeFile(join(dir, 'clicks.csv'), 'old')
  await expect(writeKeysetFiles(dir, 'csv', headers, rows)).rejects.toThrow(
    /views\.csv: there is a folder of that name/,
  )
  expect(await readFile(join(dir, 'clicks.csv'), 'utf8')).toBe('old')
  expect(await readdir(dir)).toEqual(['clicks.csv', 'views.csv'])
})

test.each(['../evil', 'a/b', '', '.', '..', '.hidden', 'a\0b', 'x'.repeat(300)])(
  'keyset name %j is no file name',
  async name => {
    await expect(writeKeysetFiles(dir, 'csv', [headerOf(name, ['a'])], [])).rejects.toMatchObject({
      code: 'OUTPUT_FAILED',
    })
    expect(await readdir(base)).toEqual([])
  },
)

test('rows of a keyset in two places are refused', async () => {
  await expect(writeKeysetFiles(dir, 'csv', headers, [...rows, ...rows])).rejects.toThrow('come in several places')
  expect(await readdir(base)).toEqual([])
})
