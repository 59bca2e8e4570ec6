import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {
  BackupWriter,
  openBackup,
  openJournal,
  openTagStore,
  prepareRestoredHome,
} from '../../../../src/storage/index.ts'
import {temporaryFolder} from '../folder.ts'

const manifest = {
  software: 'disco-inferno 1.2.3',
  createdAtMs: 1e12,
  clusterId: 'c',
  members: ['n1', 'n2'],
  nodes: ['n1'],
  hasMaster: true,
}

const fileOf = (path: string, content: string, mode = 0o600) => ({
  path,
  mode,
  bytes: Buffer.byteLength(content),
  sha256: createHash('sha256').update(content).digest('hex'),
})

async function* pieces(content: string): AsyncGenerator<Buffer> {
  yield Buffer.from(content.slice(0, 2))
  yield Buffer.from(content.slice(2))
}

/** @returns its path */
async function write(files: Readonly<Record<string, string>>, folder = temporaryFolder()): Promise<string> {
  const path = join(folder, 'one.backup')
  await using writer = await BackupWriter.create(path)
  for (const [name, content] of Object.entries(files)) await writer.add(fileOf(name, content), pieces(content))
  await writer.finish(manifest)
  return path
}

async function extract(path: string, folder = join(temporaryFolder(), 'home')): Promise<string> {
  const backup = await openBackup(path)
  try {
    await backup.extract(folder)
    return folder
  } finally {
    await backup.close()
  }
}

const files = {'tokens.json': '{"a":1}', 'master/packs/x.pack': 'pack'.repeat(1000), 'nodes/n1/node.json': 'node'}

test('what was written comes back, with its modes', async () => {
  const path = await write(files)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  const home = await extract(path)
  for (const [name, content] of Object.entries(files)) expect(readFileSync(join(home, name), 'utf8')).toBe(content)
  expect(statSync(join(home, 'tokens.json')).mode & 0o777).toBe(0o600)
  expect(readdirSync(join(path, '..'))).toEqual(['one.backup'])
})

test('what arrives other than it was told is no backup, and nothing is left of it', async () => {
  const folder = temporaryFolder()
  const write = async (): Promise<void> => {
    await using writer = await BackupWriter.create(join(folder, 'x'))
    await writer.add(fileOf('a', 'abc'), pieces('abd'))
  }
  await expect(write()).rejects.toMatchObject({code: 'CORRUPT', retryable: true})
  expect(readdirSync(folder)).toEqual([])
})

describe('a backup that is not as it was', () => {
  test('is refused wherever it was cut', async () => {
    const path = await write({'tokens.json': 'abcdef'})
    const whole = readFileSync(path)
    for (let length = 0; length < whole.length; length += 7) {
      writeFileSync(path, whole.subarray(0, length))
      await expect(extract(path), `${length} bytes`).rejects.toMatchObject({code: 'BACKUP_BROKEN'})
    }
    writeFileSync(path, Buffer.concat([Buffer.from('x'), whole]))
    await expect(extract(path)).rejects.toMatchObject({code: 'BACKUP_BROKEN'})
  })

  test('is refused whichever byte was changed', async () => {
    const path = await write({'tokens.json': 'abcdef'})
    const whole = readFileSync(path)
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole)
      changed[at]! ^= 1
      writeFileSync(path, changed)
      await expect(extract(path), `byte ${at}`).rejects.toMatchObject({code: 'BACKUP_BROKEN'})
    }
  })

  test('says which file it is, or that it is of a newer program', async () => {
    const path = await write({'tokens.json': 'abcdef'})
    const whole = readFileSync(path)
    whole[1]! ^= 1
    writeFileSync(path, whole)
    await expect(extract(path)).rejects.toThrow('is damaged: tokens.json is not as it was')
    whole[1]! ^= 1
    whole.writeUInt32BE(2, whole.length - 40)
    writeFileSync(path, whole)
    await expect(extract(path)).rejects.toMatchObject({
      message: expect.stringContaining('was written by a newer version of this program'),
      hint: expect.stringContaining('format 2, this program knows 1'),
    })
  })

  test.each(['../x', '/etc/x', 'a/../../x', 'a/..', '.', 'a//b', 'a/b/c/d/e/f', ''])(
    'never writes to %j',
    async name => {
      const path = await write({[name]: 'abc'})
      await expect(extract(path)).rejects.toThrow('the list of files in')
    },
  )
})

describe('a restored home folder', () => {
  async function homeWith(name = 'n1'): Promise<string> {
    const home = temporaryFolder()
    mkdirSync(join(home, 'nodes', name), {recursive: true})
    const {store} = await openTagStore(join(home, 'nodes', name, 'tags.sqlite'))
    store.setMeta('last-contact', '1')
    store.promise(7)
    store.close()
    mkdirSync(join(home, 'master'))
    const journal = await openJournal(join(home, 'master', 'journal.sqlite'))
    journal.commit([{type: 'persist-next-run', nextRun: 5}])
    journal.close()
    return home
  }
  const tagsOf = (home: string) => openTagStore(join(home, 'nodes', 'n1', 'tags.sqlite'))

  test('of a whole cluster has its tags, and was never away', async () => {
    const home = await homeWith()
    await prepareRestoredHome(home, {isWholeCluster: true})
    const {store, wasRebuilt} = await tagsOf(home)
    expect([wasRebuilt, store.epoch(), store.meta('last-contact')]).toEqual([false, 7, undefined])
    store.close()
  })

  test('of one node among others has empty tags that do not count', async () => {
    const home = await homeWith()
    await prepareRestoredHome(home, {isWholeCluster: false})
    const {store, wasRebuilt} = await tagsOf(home)
    expect([wasRebuilt, store.epoch()]).toEqual([true, 0])
    store.close()
  })

  test('gives no run a number that one had after the backup', async () => {
    const home = await homeWith()
    await prepareRestoredHome(home, {isWholeCluster: true})
    const journal = await openJournal(join(home, 'master', 'journal.sqlite'))
    expect(journal.load().nextRun).toBe(1_000_000_005)
    journal.close()
  })

  test('of a newer program is refused', async () => {
    const home = await homeWith()
    writeFileSync(join(home, 'nodes', 'n1', 'node.json'), '{"version": 99}')
    await expect(prepareRestoredHome(home, {isWholeCluster: true})).rejects.toMatchObject({
      code: 'CANNOT_START',
      message: expect.stringContaining('newer version'),
    })
    expect(existsSync(join(home, 'nodes', 'n1', 'tags.sqlite'))).toBe(true)
  })
})
