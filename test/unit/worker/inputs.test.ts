import {execFileSync, spawn} from 'node:child_process'
import {mkdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {gzipSync, zstdCompressSync} from 'node:zlib'
import {expect, test, vi} from 'vitest'
import {findInputs} from '../../../src/worker/index.ts'
import {fileOf, manyLines, runFolders, runPlain} from './runs.ts'

// Small inputs are to be cut like large ones.
vi.mock('../../../src/worker/limits.ts', async original => ({
  ...(await original<typeof import('../../../src/worker/limits.ts')>()),
  oneScannerBytesMax: 100_000,
  oneKernelBytesMax: 100_000,
  scannerBytesMin: 50_000,
  rangeBytesMin: 60_000,
  streamPartBytes: 60_000,
}))

const byKey = {keyParts: ['k'], valueParts: ['count']}
const records = manyLines(450_000, index => `{"k":"key ${index % 997}","n":${index}}`)
const plain = fileOf(records)

test('threads and the order of files make no difference', async () => {
  const parts = [records.slice(0, 200_009), records.slice(200_009)]
  const cut = parts[0]!.lastIndexOf('\n') + 1
  const files = [fileOf(records.slice(0, cut)), fileOf(records.slice(cut)), fileOf('{"k":\n{"k":"last"}')]
  const one = await runPlain(byKey, files, {threads: 1})
  for (const threads of [2, 3, 4]) {
    const several = await runPlain(byKey, files, {threads})
    expect(several.threads).toBe(threads)
    expect(several).toEqual({...one, threads})
  }
  expect((await runPlain(byKey, files.toReversed(), {threads: 2})).csv).toBe(one.csv)
  // Threads load their modules from source here, which a busy machine takes its time for.
}, 30_000)

test.each([
  ['gzip', () => gzipSync(records, {level: 1})],
  [
    'gzip of two members',
    () => Buffer.concat([gzipSync(records.slice(0, 1000)), gzipSync(records.slice(1000), {level: 1})]),
  ],
  ['zstd', () => zstdCompressSync(records)],
  [
    'zstd of two frames and a skippable one',
    () => {
      const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 7, 7])
      return Buffer.concat([
        skippable,
        zstdCompressSync(records.slice(0, 1000)),
        skippable,
        zstdCompressSync(records.slice(1000)),
      ])
    },
  ],
])('%s gives the rows of the plain file, with one thread and with several', async (_, pack) => {
  const {csv, account} = await runPlain(byKey, [plain])
  const packed = fileOf(pack(), 'packed')
  for (const threads of [1, 3]) expect(await runPlain(byKey, [packed], {threads})).toMatchObject({csv, account})
})

test.each([
  ['cut gzip', gzipSync(records.slice(0, 60_000)).subarray(0, -20), /gzip data is cut short/],
  ['cut zstd', zstdCompressSync(records.slice(0, 60_000)).subarray(0, -20), /zstd data is cut short/],
  ['corrupt gzip', Buffer.from(gzipSync(records.slice(0, 60_000))).fill(255, 12, 60), /gzip data is corrupt/],
  [
    'corrupt zstd',
    Buffer.from(zstdCompressSync(records.slice(0, 60_000))).fill(255, 12, 60),
    /zstd data is (corrupt|cut)/,
  ],
  [
    'zstd with a tail',
    Buffer.concat([zstdCompressSync('{"k":1}\n'), Buffer.from('{"k":2}\n')]),
    /followed by something else/,
  ],
  ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), /is xz; gzip and zstd/],
  ['bzip2', Buffer.from('BZh91AY&SY'), /is bzip2/],
])('%s is an error and leaves nothing behind', async (_, content, message) => {
  const before = runFolders()
  await expect(runPlain(byKey, [fileOf(content)])).rejects.toMatchObject({
    code: 'INPUT_UNREADABLE',
    message: expect.stringMatching(message),
  })
  expect(runFolders()).toEqual(before)
})

test('quoted newlines of CSV survive every cut, and the header counts for the whole file', async () => {
  const cells = manyLines(450_000, index => `"line ${index % 7}\n""x"",${'z'.repeat(index % 50)}",${index % 3}`)
  const file = fileOf(`text,k\n${cells}`)
  const rule = {keyParts: ['k', 'text'], valueParts: ['count'], format: {type: 'csv', fields: 'header'} as const}
  const one = await runPlain(rule, [file], {threads: 1})
  expect(one.account).toMatchObject({bad: 0, filtered: 0})
  expect(await runPlain(rule, [file], {threads: 3})).toEqual({...one, threads: 3})
  expect((await runPlain(rule, [fileOf(gzipSync(`text,k\n${cells}`, {level: 1}))], {threads: 2})).csv).toBe(one.csv)
})

test('names, folders and globs; each file once; hidden ones not', async () => {
  const folder = dirname(fileOf('{"k":1}\n', 'a.json'))
  mkdirSync(join(folder, 'sub/.hidden'), {recursive: true})
  for (const name of ['sub/b.json', 'sub/c.log', 'sub/.hidden/d.json', '.e.json'])
    writeFileSync(join(folder, name), '{"k":1}\n')
  symlinkSync(join(folder, 'a.json'), join(folder, 'link.json'))
  symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling.json'))
  const names = (patterns: string[]) => findInputs(patterns).files.map(file => file.name.slice(folder.length + 1))
  expect(names([folder])).toEqual(['a.json', 'sub/b.json', 'sub/c.log'])
  expect(names([join(folder, '**/*.json')])).toEqual(['a.json', 'sub/b.json'])
  expect(findInputs([join(folder, 'a.json'), folder]).repeated).toEqual([
    join(folder, 'a.json'),
    join(folder, 'link.json'),
  ])
  const notes: string[] = []
  const twice = await runPlain(byKey, [join(folder, 'a.json'), join(folder, 'a.json')], {
    onNote: note => notes.push(note),
  })
  expect(twice.csv).toBe('k,count\n1,1\n')
  expect(notes).toEqual([expect.stringContaining('read once')])
})

test('what is not there, or matches nothing, is named', () => {
  for (const pattern of ['/nowhere/at/all', '/nowhere/*.json', 'x'.repeat(5000), '\0']) {
    expect(() => findInputs([pattern])).toThrow(expect.objectContaining({code: 'INPUT_NOT_FOUND', exitCode: 2}))
  }
  const empty = fileOf('', 'sub/.hidden')
  expect(() => findInputs([dirname(empty)])).toThrow(/holds no files/)
})

test('an empty file, one without a final newline, one with a byte order mark', async () => {
  expect(await runPlain(byKey, [fileOf('')])).toMatchObject({csv: '', account: {in: 0}})
  expect((await runPlain(byKey, [fileOf('{"k":1}')])).csv).toBe('k,count\n1,1\n')
  expect((await runPlain(byKey, [fileOf('\ufeff{"k":1}\r\n\r\n{"k":1}\r\n')])).csv).toBe('k,count\n1,2\n')
})

test('a pipe with a name is read', async () => {
  const path = `${fileOf('')}.fifo`
  execFileSync('mkfifo', [path])
  const writer = spawn('sh', ['-c', `printf '{"k":1}\\n{"k":2}' > ${path}`])
  expect((await runPlain(byKey, [path])).csv).toBe('k,count\n1,1\n2,1\n')
  expect(writer.exitCode ?? 0).toBe(0)
})

test('a line without end is counted, its bytes too, and not held', async () => {
  const long = Buffer.alloc(40 * 2 ** 20, 'x')
  const content = Buffer.concat([Buffer.from('{"k":1}\n{"k":"'), long, Buffer.from('\n{"k":2}\n')])
  const {csv, account} = await runPlain(byKey, [fileOf(zstdCompressSync(content))], {threads: 2})
  expect(csv).toBe('k,count\n1,1\n2,1\n')
  expect(account).toMatchObject({
    in: 3,
    bad: 1,
    bytes: content.length,
    badSamples: [{line: 2, reason: 'line too long'}],
  })
})

test('a file that goes away between being found and being read is named', async () => {
  const path = fileOf(records.slice(0, 350_000))
  const run = runPlain({...byKey, partsPreprocess: []}, [path], {threads: 2})
  rmSync(path)
  await expect(run).rejects.toMatchObject({code: 'INPUT_UNREADABLE', message: expect.stringContaining(path)})
})
