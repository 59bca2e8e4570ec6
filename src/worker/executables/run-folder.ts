/**
 * The folder of one run of a worker: its working directory, with the job home linked in.
 *
 *     <run>/NAME        -> <home>/NAME    for each name in the job home
 *     <run>/_disco/     ours: indexes of inputs, temporary files
 *     <run>/...         what the worker writes
 */
import {link, mkdir, open, readdir, realpath, rm, symlink} from 'node:fs/promises'
import {dirname, join, relative, sep} from 'node:path'
import {messageOf, printable} from '../../base/index.ts'
import {isJobPath} from '../../protocol/index.ts'
import type {LocalOutput} from './session.ts'

/** Of a run folder; no file of a job home or a worker is there. */
export const ownFolderName = '_disco'

const outputsFolderName = 'outputs'

/** The authority that the worker shall trust. */
export const caPathOf = (folder: string): string => join(folder, ownFolderName, 'ca.pem')

/** @param folder - of the run, empty @param home - the job home, shared by all runs of the job on this node */
export async function linkHome(folder: string, home: string): Promise<void> {
  await mkdir(join(folder, ownFolderName, 'tmp'), {recursive: true, mode: 0o700})
  for (const name of await readdir(home))
    if (name !== ownFolderName) await symlink(join(home, name), join(folder, name))
}

export interface CollectedOutput {
  readonly label: number
  /** Relative to the run's folder. */
  readonly file: string
  readonly bytes: number
}

/**
 * What the worker said that it has written: there, inside of the folder, durable. All else in the folder is removed.
 *
 * @param run - the number of the run: the path of a file begins with it
 * @returns the outputs, in order, or what is wrong with one
 */
export async function collectOutputs(
  folder: string,
  run: number,
  outputs: readonly LocalOutput[],
): Promise<readonly CollectedOutput[] | string> {
  const root = await realpath(folder)
  const collected: CollectedOutput[] = []
  const known = new Map<string, Omit<CollectedOutput, 'label'>>()
  for (const {label, path} of outputs) {
    const found = known.get(path) ?? (await collectOne(root, run, path, known.size))
    if (typeof found === 'string') return `invalid_output: "${printable(path.slice(0, 200))}" ${found}`
    known.set(path, found)
    collected.push({label, ...found})
  }
  await removeOthers(root, new Set(collected.map(({file}) => file.split('/')[0]!)))
  return collected
}

async function collectOne(
  root: string,
  run: number,
  path: string,
  number: number,
): Promise<Omit<CollectedOutput, 'label'> | string> {
  try {
    const real = await realpath(join(root, path))
    const inside = relative(root, real)
    if (!real.startsWith(root + sep) || inside.split(sep)[0] === ownFolderName)
      return 'is not in the folder of the task'
    const bytes = await synced(real)
    if (bytes === undefined) return 'is no file'
    const file = inside.split(sep).join('/')
    if (isJobPath(`${run}/${file}@0`)) return {file, bytes}
    // A name that other nodes would not ask for.
    const named = `${outputsFolderName}-${run}/${number}`
    await mkdir(dirname(join(root, named)), {recursive: true, mode: 0o700})
    await link(real, join(root, named))
    return {file: named, bytes}
  } catch (error) {
    return `is not there: ${messageOf(error)}`
  }
}

/** @returns its bytes; undefined: it is no file */
async function synced(path: string): Promise<number | undefined> {
  const file = await open(path, 'r')
  try {
    const entry = await file.stat()
    if (!entry.isFile()) return undefined
    await file.sync()
    return entry.size
  } finally {
    await file.close()
  }
}

async function removeOthers(root: string, kept: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(root))
    if (!kept.has(name)) await rm(join(root, name), {recursive: true, force: true})
}
