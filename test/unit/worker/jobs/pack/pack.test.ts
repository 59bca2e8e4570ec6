import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, test} from 'vitest'
import {UserError} from '../../../../../src/base/index.ts'
import {loadJob, packJob, readPack, runTask, unpackJob} from '../../../../../src/worker/jobs/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'pack-'))
afterAll(() => rmSync(folder, {recursive: true}))

const files: Record<string, string> = {
  'project/package.json': '{"type": "module"}',
  'project/jobs/count.ts': `import {defineJob} from 'disco-inferno'
import {readFileSync} from 'node:fs'
import {shout} from '../lib/shout.ts'
import {suffix} from 'ending'
export default defineJob({
  name: 'count', params: {b: 1, a: {d: 2, c: 3}}, files: ['data/stop.txt'],
  map: (line, context) => [[shout(line) + suffix, readFileSync(context.file('data/stop.txt'), 'utf8')]],
})`,
  'project/jobs/unused.ts': 'export const unused = 1',
  'project/jobs/data/stop.txt': 'the',
  'project/lib/shout.ts': 'export const shout = (text: string) => text.toUpperCase()',
  'project/node_modules/ending/package.json': '{"name": "ending", "type": "module", "exports": "./main.js"}',
  'project/node_modules/ending/main.js': "export const suffix = '!'",
}

beforeAll(() => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), {recursive: true})
    writeFileSync(join(folder, path), text)
  }
})

const pack = async (project = 'project') => packJob(await loadJob(join(folder, project, 'jobs/count.ts')))

test('a pack holds the modules that were read, the files that are named, and nothing else', async () => {
  const {bytes, hash} = await pack()
  assert.equal(hash, createHash('sha256').update(bytes).digest('hex'))
  const {entries, plan, jobFile} = readPack(bytes, hash)
  assert.deepEqual(
    entries.map(({path}) => path),
    [
      'job/jobs/count.ts',
      'job/jobs/data/stop.txt',
      'job/lib/shout.ts',
      'job/node_modules/ending/main.js',
      'job/node_modules/ending/package.json',
      'job/package.json',
    ],
  )
  assert.deepEqual([plan.name, jobFile], ['count', 'job/jobs/count.ts'])
})

test('the same job is the same bytes, wherever it is and whenever its files were written', async () => {
  cpSync(join(folder, 'project'), join(folder, 'elsewhere', 'copy'), {recursive: true})
  utimesSync(join(folder, 'elsewhere/copy/lib/shout.ts'), 1, 1)
  assert.equal((await pack()).hash, (await pack('elsewhere/copy')).hash)
})

test('an unpacked job runs without the project that it came from', async () => {
  const {bytes, hash} = await pack()
  const target = join(folder, hash)
  const {jobFile, filesFolder} = await unpackJob(bytes, target, hash)
  await unpackJob(bytes, target, hash)
  assert.deepEqual(
    readdirSync(folder).filter(name => name.startsWith(`${hash}.`)),
    [],
  )
  const job = await loadJob(join(target, jobFile))
  const runFolder = join(folder, 'run')
  mkdirSync(runFolder)
  const spec = {
    job: 'j',
    stage: 0,
    task: 0,
    run: 1,
    node: 'n',
    label: 0,
    folder: runFolder,
    inputs: [{number: 0, label: 0, replicas: ['raw://abc']}],
  }
  const result = await runTask(job, spec, {
    openInput: async function* () {
      yield Buffer.from('abc')
    },
    localPath: () => undefined,
    log: () => undefined,
    getOob: async () => undefined,
    file: name => join(target, filesFolder, name),
  })
  assert.equal(result.error, null)
  assert.ok(readFileSync(join(runFolder, 'output.shuffle')).includes('ABC!'))
})

test('a file that is missing is named when the job is packed', async () => {
  const loaded = await loadJob(join(folder, 'project/jobs/count.ts'))
  await assert.rejects(packJob(loaded, {...loaded.plan, files: ['gone.txt']}), /gone\.txt cannot be read/)
})

describe('a pack is refused', () => {
  const make = (header: (usual: Record<string, unknown>) => unknown, content = 'x'): Buffer => {
    const sha = createHash('sha256').update(content).digest('hex')
    const plan = {
      version: 1,
      name: 'a',
      description: '',
      stages: [],
      inputs: [],
      reader: {type: 'lines'},
      params: {},
      files: [],
      saveResults: null,
      limits: {memoryBytes: 1, sortBytes: 1, taskSeconds: 1, badRecords: null, slots: null, failures: null},
    }
    const text = Buffer.from(
      JSON.stringify(header({version: 1, plan, jobFile: 'a.ts', filesFolder: 'a', entries: [['a.ts', 1, sha]]})),
    )
    const head = Buffer.alloc(12)
    head.write('DISCPAK1')
    head.writeUInt32LE(text.length, 8)
    return Buffer.concat([head, text, Buffer.from(content)])
  }
  const sha = createHash('sha256').update('x').digest('hex')
  const named = (path: string) => make(usual => ({...usual, jobFile: path, entries: [[path, 1, sha]]}))

  test('never when it is right', () => {
    assert.equal(readPack(make(usual => usual)).jobFile, 'a.ts')
  })

  test.each([
    ['for a path that leads out', named('../a.ts'), /a path in the pack/],
    ['for one that does inside', named('a/../../b.ts'), /a path in the pack/],
    ['for an absolute path', named('/etc/passwd'), /a path in the pack/],
    ['for a drive', named('c:/a.ts'), /a path in the pack/],
    ['for a backslash', named('..\\a.ts'), /a path in the pack/],
    ['for a zero byte', named('a\0.ts'), /a path in the pack/],
    ['for an empty part', named('a//b.ts'), /a path in the pack/],
    [
      'for two entries of one name',
      make(usual => ({
        ...usual,
        entries: [
          ['a.ts', 1, sha],
          ['A.ts', 0, sha],
        ],
      })),
      /two entries/,
    ],
    [
      'for a file that is a folder, too',
      make(usual => ({
        ...usual,
        entries: [
          ['a.ts', 1, sha],
          ['a.ts/b', 0, sha],
        ],
      })),
      /file and a folder/,
    ],
    ['for another hash', make(usual => ({...usual, entries: [['a.ts', 1, 'a'.repeat(64)]]})), /does not have its hash/],
    ['for bytes behind its end', Buffer.concat([make(usual => usual), Buffer.from('y')]), /1 bytes follow/],
    ['for a size beyond its end', make(usual => ({...usual, entries: [['a.ts', 2 ** 40, sha]]})), /ends within a\.ts/],
    ['for a negative size', make(usual => ({...usual, entries: [['a.ts', -1, sha]]})), /header is wrong/],
    [
      'for too many entries',
      make(usual => ({...usual, entries: Array.from({length: 10_001}, (_, at) => [`${at}`, 0, sha])})),
      /header is wrong at entries/,
    ],
    ['for a plan that is none', make(usual => ({...usual, plan: {}})), /header is wrong at plan/],
    ['for a job file that is missing', make(usual => ({...usual, jobFile: 'b.ts'})), /b\.ts is not among/],
    ['when it is cut', make(usual => usual).subarray(0, 40), /within its header/],
    ['when it is something else', Buffer.from('PK\x03\x04 and so on'), /does not begin/],
  ])('%s', async (_what, bytes, expected) => {
    const target = join(folder, 'refused')
    await assert.rejects(
      unpackJob(bytes, target),
      (error: unknown) =>
        error instanceof UserError && error.code === 'JOB_FILE_BROKEN' && expected.test(error.message),
    )
    assert.deepEqual(
      readdirSync(folder).filter(name => name.startsWith('refused')),
      [],
    )
  })

  test('when it does not have the hash that names it', () => {
    assert.throws(
      () =>
        readPack(
          make(usual => usual),
          'b'.repeat(64),
        ),
      /do not have its hash/,
    )
  })
})
