/** Unpacks a job pack into a folder, after everything in it was checked. The folder is there whole, or not at all. */
import {createHash, randomUUID} from 'node:crypto'
import {mkdir, open, rename, rm, stat, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {errorCodeOf, formatBytes, UserError} from '../../../base/index.ts'
import type {JobPlan} from '../../../jobs/index.ts'
import {packBytesMax} from '../limits.ts'
import {packHeadBytes, packMagic, type RulePart} from './format.ts'
import {type PackHeader, packHeaderSchema} from './header-schema.ts'

export interface PackContents {
  readonly kind: PackHeader['kind']
  readonly plan: JobPlan
  /** null: a job of functions. */
  readonly rule: RulePart | null
  /** Relative to the unpacked folder; empty for a rule without code. */
  readonly jobFile: string
  /** Where the job's `files` are, relative to the unpacked folder. */
  readonly filesFolder: string
  readonly entries: readonly {readonly path: string; readonly content: Buffer}[]
}

/**
 * Checks a pack: its hash when one is given, sizes, paths, the hash of each entry.
 *
 * @throws UserError JOB_FILE_BROKEN naming what is wrong; nothing was written then
 */
export function readPack(bytes: Buffer, hash?: string): PackContents {
  if (bytes.length > packBytesMax)
    throw broken(`it has ${formatBytes(bytes.length)}, more than ${formatBytes(packBytesMax)}`)
  if (hash !== undefined && createHash('sha256').update(bytes).digest('hex') !== hash)
    throw broken('its bytes do not have its hash')
  if (bytes.length < packHeadBytes || !bytes.subarray(0, 8).equals(packMagic)) throw broken('it does not begin as one')
  const headerEnd = packHeadBytes + bytes.readUInt32LE(8)
  if (headerEnd > bytes.length) throw broken('it ends within its header')
  const header = parseHeader(bytes.subarray(packHeadBytes, headerEnd).toString())
  checkPaths(header)
  checkKind(header)
  let position = headerEnd
  const entries = header.entries.map(([path, length, expected]) => {
    const content = bytes.subarray(position, position + length)
    position += length
    if (content.length !== length) throw broken(`it ends within ${path}`)
    if (createHash('sha256').update(content).digest('hex') !== expected) throw broken(`${path} does not have its hash`)
    return {path, content}
  })
  // Every byte is accounted for: what is unpacked is never more than what was packed.
  if (position !== bytes.length) throw broken(`${bytes.length - position} bytes follow its last entry`)
  const {kind, plan, rule, jobFile, filesFolder} = header
  return {kind, plan, rule, jobFile, filesFolder, entries}
}

/**
 * Unpacks into `folder`, durably. When it is there already it is left as it is: a pack is named by its content.
 *
 * @param folder - its own; the parent exists
 * @throws UserError JOB_FILE_BROKEN as `readPack`
 */
export async function unpackJob(bytes: Buffer, folder: string, hash?: string): Promise<Omit<PackContents, 'entries'>> {
  const {entries, ...contents} = readPack(bytes, hash)
  if (await isThere(folder)) return contents
  const scratch = `${folder}.${randomUUID()}`
  try {
    await mkdir(scratch, {mode: 0o700})
    for (const {path, content} of entries) {
      const target = join(scratch, path)
      await mkdir(dirname(target), {recursive: true, mode: 0o700})
      await writeFile(target, content, {flag: 'wx', mode: 0o600, flush: true})
    }
    await mkdir(join(scratch, contents.filesFolder), {recursive: true, mode: 0o700})
    await rename(scratch, folder)
    await syncFolder(dirname(folder))
  } catch (error) {
    await rm(scratch, {recursive: true, force: true})
    // Somebody else was faster with the same content.
    if (!['ENOTEMPTY', 'EEXIST'].includes(errorCodeOf(error)) || !(await isThere(folder))) throw error
  }
  return contents
}

function parseHeader(text: string): PackHeader {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw broken('its header is no JSON', error)
  }
  const result = packHeaderSchema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw broken(`its header is wrong at ${issue?.path.join('.') ?? 'its beginning'}: ${issue?.message ?? 'unknown'}`)
}

function checkPaths({entries, jobFile}: PackHeader): void {
  // Names that differ by case alone are one file on some systems.
  const seen = new Set<string>()
  const folders = new Set<string>()
  for (const [path] of entries) {
    const folded = path.normalize('NFC').toLowerCase()
    if (seen.has(folded)) throw broken(`two entries are named ${path}`)
    seen.add(folded)
    for (let at = folded.lastIndexOf('/'); at > 0; at = folded.lastIndexOf('/', at - 1))
      folders.add(folded.slice(0, at))
  }
  for (const folder of folders) if (seen.has(folder)) throw broken(`${folder} is a file and a folder`)
  if (jobFile !== '' && !entries.some(([path]) => path === jobFile))
    throw broken(`its job file ${jobFile} is not among its entries`)
}

/** What runs is there, and nothing else is: a rule without code brings none. */
function checkKind({kind, rule, jobFile, entries, plan}: PackHeader): void {
  if (kind === 'functions') {
    if (jobFile === '' || rule !== null) throw broken('a job of functions has a job file, and no rule')
    return
  }
  if (rule === null) throw broken('it says that it is of a rule, and has none')
  if ((rule.work.address?.file ?? '') !== jobFile) throw broken('its rule is in another file than it says')
  if (jobFile === '' && entries.length > 0) throw broken('its rule needs no code, and it brings some')
  if ((rule.bundles ?? rule.inputs).length !== plan.inputs.length)
    throw broken('its rule has other inputs than its job')
}

async function isThere(folder: string): Promise<boolean> {
  return await stat(folder).then(
    entry => entry.isDirectory(),
    () => false,
  )
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function broken(what: string, cause?: unknown): UserError {
  return new UserError('JOB_FILE_BROKEN', `the job pack cannot be used: ${what}`, cause === undefined ? {} : {cause})
}
