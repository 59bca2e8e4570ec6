/** Makes a job pack: the modules that loading the job file read, exactly those, and the files that the job names. */
import {createHash} from 'node:crypto'
import {readFile, realpath, stat} from 'node:fs/promises'
import {dirname, join, relative, sep} from 'node:path'
import {compareText, formatBytes, messageOf, printable, UserError} from '../../../base/index.ts'
import type {JobPlan} from '../../../jobs/index.ts'
import {packBytesMax, packEntryCountMax} from '../limits.ts'
import type {LoadedJob} from '../load-job.ts'
import {isPackPath, packHeadBytes, packMagic} from './format.ts'

export interface JobPack {
  /** SHA-256 of the bytes, in hexadecimal. */
  readonly hash: string
  readonly bytes: Buffer
}

/**
 * @param plan - as it is submitted: with the inputs and parameters of this submission; default: the job's own
 * @throws UserError JOB_FILE_BROKEN for what cannot be packed: a file that is missing, no file, or too much
 */
export async function packJob(job: LoadedJob, plan: JobPlan = job.plan): Promise<JobPack> {
  const code = await gatherCode(job.file, job.modulesRead, plan.files)
  return makePack({kind: 'functions', plan, ...placesOf(code)}, code.files)
}

export interface PackedFile {
  /** In the pack. */
  readonly path: string
  readonly content: Buffer
}

export interface PackedCode {
  /** In the order of their paths. */
  readonly files: readonly PackedFile[]
  /** The file that was loaded, in the pack. */
  readonly jobFile: string
  /** The folder that it is in. */
  readonly filesFolder: string
}

export const placesOf = ({jobFile, filesFolder}: PackedCode): {jobFile: string; filesFolder: string} => ({
  jobFile,
  filesFolder,
})

/**
 * The modules that loading a file read, and what else says how they are read.
 *
 * @param named - other files, relative to the file's folder
 */
export async function gatherCode(
  file: string,
  modulesRead: readonly string[],
  named: readonly string[] = [],
): Promise<PackedCode> {
  const baseFolder = dirname(file)
  const extra = named.map(name => join(baseFolder, name))
  const root = commonFolder([...modulesRead, ...extra])
  const manifests = await packageManifests(modulesRead, root)
  const paths = new Set([...modulesRead, ...manifests, ...extra])
  if (paths.size > packEntryCountMax)
    throw broken(`${paths.size} files are more than a pack holds (${packEntryCountMax})`)
  const inPack = (path: string): string =>
    [
      'job',
      ...relative(root, path)
        .split(sep)
        .filter(part => part !== ''),
    ].join('/')
  const found = await Promise.all([...paths].map(async path => ({path: inPack(path), content: await contentOf(path)})))
  const files = found.sort((a, b) => compareText(a.path, b.path))
  return {files, jobFile: inPack(file), filesFolder: inPack(baseFolder)}
}

/** @param header - without version and entries */
export function makePack(header: Readonly<Record<string, unknown>>, files: readonly PackedFile[]): JobPack {
  const total = files.reduce((sum, {content}) => sum + content.length, 0)
  if (total > packBytesMax)
    throw broken(
      `its files have ${formatBytes(total)}, a pack at most ${formatBytes(packBytesMax)}; read large data as inputs`,
    )
  for (const {path} of files)
    if (!isPackPath(path)) throw broken(`${printable(path)} is a name that not every system takes`)
  const text = Buffer.from(JSON.stringify(sorted({version: 1, ...header, entries: files.map(entryOf)})))
  const head = Buffer.alloc(packHeadBytes)
  packMagic.copy(head)
  head.writeUInt32LE(text.length, 8)
  const bytes = Buffer.concat([head, text, ...files.map(({content}) => content)])
  return {hash: createHash('sha256').update(bytes).digest('hex'), bytes}
}

/** Path, bytes and SHA-256 of a file in the pack. */
export const entryOf = ({path, content}: PackedFile): [string, number, string] => [
  path,
  content.length,
  createHash('sha256').update(content).digest('hex'),
]

/** package.json files say how modules beside and below them are read; without them a package's modules are others. */
async function packageManifests(modules: readonly string[], root: string): Promise<string[]> {
  const folders = new Set<string>()
  for (const module of modules) {
    for (let folder = dirname(module); ; folder = dirname(folder)) {
      if (folders.has(folder) || !folder.startsWith(root)) break
      folders.add(folder)
      if (folder === root) break
    }
  }
  const manifests = [...folders].map(folder => join(folder, 'package.json'))
  const found = await Promise.all(
    manifests.map(path =>
      stat(path).then(
        entry => entry.isFile(),
        () => false,
      ),
    ),
  )
  return manifests.filter((_, index) => found[index])
}

async function contentOf(path: string): Promise<Buffer> {
  try {
    const entry = await stat(await realpath(path))
    if (!entry.isFile()) throw broken(`${printable(path)} is no file`)
    return await readFile(path)
  } catch (error) {
    throw error instanceof UserError ? error : broken(`${printable(path)} cannot be read: ${messageOf(error)}`)
  }
}

function commonFolder(paths: readonly string[]): string {
  let common = dirname(paths[0]!).split(sep)
  for (const path of paths) {
    const parts = dirname(path).split(sep)
    let shared = 0
    while (shared < common.length && common[shared] === parts[shared]) shared++
    common = common.slice(0, shared)
  }
  return common.join(sep) || sep
}

/** The same with the names of every object in order, so that equal plans are equal bytes. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).sort(([a], [b]) => compareText(a, b))
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]))
}

function broken(what: string): UserError {
  return new UserError('JOB_FILE_BROKEN', `the job cannot be packed: ${what}`)
}
