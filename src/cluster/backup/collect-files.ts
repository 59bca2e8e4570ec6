/** What of a node goes into a backup, copied to where nobody changes it. */
import {createHash} from 'node:crypto'
import {existsSync, linkSync, mkdirSync, readdirSync, readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {errorCodeOf} from '../../base/index.ts'
import {type BackupFile, hashAndBytes, hasRuleState, openRuleState} from '../../storage/index.ts'
import type {Agent} from '../agent/agent.ts'
import type {Master} from '../master/master.ts'

/** A file of the backup, and where its contents are. */
export interface CollectedFile {
  readonly file: BackupFile
  readonly content: {readonly path: string} | {readonly bytes: Buffer}
}

export interface BackupSources {
  /** Of the cluster on this machine. */
  readonly home: string
  readonly agent: Agent | undefined
  readonly master: Master | undefined
}

/** Small files of a master, and the older log of changes. All are replaced or appended to, never changed in place. */
const masterFiles = ['node.json', 'master.json', 'tokens.json', 'legacy.json', 'audit.log.1', 'audit.log'] as const

/**
 * @param scratch - an empty folder on the disk of the node's folder, for copies
 * @throws ClusterError DISK_FULL, STORAGE_BROKEN
 */
export async function collectFiles({home, agent, master}: BackupSources, scratch: string): Promise<CollectedFile[]> {
  const files: CollectedFile[] = []
  if (master !== undefined) {
    files.push(...(await filesOfMaster(master, scratch)))
    files.push(...small(home, 'tokens.json', 'tokens.json'), ...small(home, 'run/start.json', 'run/start.json'))
    files.push(...(await rulesOf(home, scratch)))
  }
  if (agent !== undefined) {
    const copy = join(scratch, 'tags.sqlite')
    await agent.copyTags(copy)
    files.push(...small(agent.folder, 'node.json', `nodes/${agent.name}/node.json`))
    files.push(await large(copy, `nodes/${agent.name}/tags.sqlite`))
  }
  return files
}

async function filesOfMaster(master: Master, scratch: string): Promise<CollectedFile[]> {
  const packs = join(scratch, 'packs')
  mkdirSync(packs)
  const journal = join(scratch, 'journal.sqlite')
  linkPacks(master.folder, packs)
  await master.copyJournal(journal)
  linkPacks(master.folder, packs)
  const files = masterFiles.flatMap(name => small(master.folder, name, `master/${name}`))
  files.push(await large(journal, 'master/journal.sqlite'))
  for (const name of readdirSync(packs).sort()) files.push(await large(join(packs, name), `master/packs/${name}`))
  return files
}

/** A second name: the contents stay when the first one goes. */
function linkPacks(folder: string, to: string): void {
  for (const name of readdirSync(join(folder, 'packs'))) {
    if (!name.endsWith('.pack') || existsSync(join(to, name))) continue
    try {
      linkSync(join(folder, 'packs', name), join(to, name))
    } catch (error) {
      // Its job was purged between the two calls.
      if (errorCodeOf(error) !== 'ENOENT') throw error
    }
  }
}

/** Daemons are processes of their own: each state is opened beside its daemon. */
async function rulesOf(home: string, scratch: string): Promise<CollectedFile[]> {
  const folder = join(home, 'rules')
  const names = existsSync(folder) ? readdirSync(folder).sort() : []
  const files: CollectedFile[] = []
  for (const name of names.filter(one => hasRuleState(join(folder, one)))) {
    const copy = join(scratch, `rules-${files.length}.sqlite`)
    const state = await openRuleState(join(folder, name))
    try {
      await state.copyTo(copy)
    } finally {
      state.close()
    }
    files.push(await large(copy, `rules/${name}/rules.sqlite`))
  }
  return files
}

const modeOf = (path: string): number => statSync(path).mode & 0o777

/** None when it is not there: most are made when they are needed first. */
function small(folder: string, name: string, path: string): CollectedFile[] {
  const from = join(folder, name)
  if (!existsSync(from)) return []
  const bytes = readFileSync(from)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return [{file: {path, mode: modeOf(from), bytes: bytes.length, sha256}, content: {bytes}}]
}

/** Copies of databases have the mode of the process; nobody else may read them. */
async function large(from: string, path: string): Promise<CollectedFile> {
  return {file: {path, mode: 0o600, ...(await hashAndBytes(from))}, content: {path: from}}
}
