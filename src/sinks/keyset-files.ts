/**
 * One file a keyset, written whole or not at all.
 *
 * Each file is written under a temporary name in the same folder and synced; when all are complete they are renamed and
 * the folder is synced. Until then files of an earlier run stay as they are; on an error the temporary ones go. Only a
 * failing rename in the middle (a folder that vanishes) can leave some files new and some old, each of them whole.
 */
import {randomUUID} from 'node:crypto'
import {lstat, rename, rm, rmdir} from 'node:fs/promises'
import {dirname, join, resolve} from 'node:path'
import {UserError} from '../base/index.ts'
import type {ResultRow} from '../engine/index.ts'
import {type FormatOptions, formatRows, type SinkFormat} from './format.ts'
import {keysetNameBytesMax} from './limits.ts'
import {makeFolder} from './make-folder.ts'
import {outputError} from './output-error.ts'
import {type KeysetHeader, refuseSecondPlace, sectionsOf} from './sections.ts'
import {attempt, syncFolder, writeFileSynced} from './synced-file.ts'

const extensions: Readonly<Record<SinkFormat, string>> = {
  csv: 'csv',
  tsv: 'tsv',
  table: 'txt',
  markdown: 'md',
  json: 'json',
  ndjson: 'ndjson',
}

export interface KeysetFilesOptions extends Omit<FormatOptions, 'emptyHeaders'> {
  readonly signal?: AbortSignal
}

interface PendingFile {
  readonly temporary: string
  readonly path: string
}

/**
 * Writes `<dir>/<keyset>.<extension>` for every header, also for keysets without rows: a file of an earlier run that
 * stayed would pass for today's. The folder is made when it is missing.
 *
 * @returns the paths, in the order of the headers
 * @throws UserError OUTPUT_FAILED naming the path; the signal's reason; what `rows` throws. Nothing half-written is left
 */
export async function writeKeysetFiles(
  dir: string,
  format: SinkFormat,
  headers: readonly KeysetHeader[],
  rows: Iterable<ResultRow>,
  options: KeysetFilesOptions = {},
): Promise<readonly string[]> {
  const pathOf = (name: string): string => join(dir, `${checkedName(name)}.${extensions[format]}`)
  const paths = headers.map(header => pathOf(header.name))
  const pending: PendingFile[] = []
  const madeDir = await attempt(dir, () => makeFolder(dir))
  try {
    for (const path of paths) await refuseFolder(path)
    const write = async (header: KeysetHeader, sectionRows: Iterable<ResultRow>): Promise<void> => {
      const path = pathOf(header.name)
      const temporary = join(dir, `.${header.name}.${randomUUID()}.tmp`)
      pending.push({temporary, path})
      const chunks = formatRows(format, [header], sectionRows, {...options, emptyHeaders: true})
      await writeFileSynced(temporary, path, chunks, options.signal)
    }
    const seen = new Set<string>()
    for (const section of sectionsOf(headers, rows)) {
      refuseSecondPlace(seen, section.header.name)
      await write(section.header, section.rows)
    }
    for (const header of headers) if (!seen.has(header.name)) await write(header, [])
    options.signal?.throwIfAborted()
    for (const {temporary, path} of pending) await attempt(path, () => rename(temporary, path))
    await attempt(dir, () => syncFolder(dir))
  } catch (error) {
    // The first error is the one to tell; a disk that refuses the write may refuse the removal as well.
    await Promise.allSettled(pending.map(({temporary}) => rm(temporary, {force: true})))
    if (madeDir !== undefined) await removeMadeFolders(resolve(dir), madeDir)
    throw error
  }
  return paths
}

/** A rename over a folder would fail when other files are replaced already: find out first. */
async function refuseFolder(path: string): Promise<void> {
  const stat = await attempt(path, () => lstat(path).catch(whenMissing))
  if (stat?.isDirectory()) throw outputError(Object.assign(new Error('is a folder'), {code: 'EISDIR'}), path)
}

function whenMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

/** Removes `dir` and its parents up to the first one we made, as long as they are empty. */
async function removeMadeFolders(dir: string, firstMade: string): Promise<void> {
  for (let folder = dir; folder.startsWith(firstMade); folder = dirname(folder)) {
    // Somebody else's file in it is a reason to stop, not an error.
    if (
      await rmdir(folder).then(
        () => false,
        () => true,
      )
    )
      return
  }
}

/** The grammar of rule files allows only such names; a plan from elsewhere must not write outside its folder. */
function checkedName(name: string): string {
  if (/^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(name) && Buffer.byteLength(name) <= keysetNameBytesMax) return name
  throw new UserError('OUTPUT_FAILED', `keyset name ${JSON.stringify(name)} cannot be a file name`, {
    hint: 'use letters, digits, "_", "-" and "." in keyset names',
  })
}
