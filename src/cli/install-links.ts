/** `install-links`: the names of the program as links to it. */
import {lstatSync, mkdirSync, readlinkSync, realpathSync, renameSync, rmSync, symlinkSync} from 'node:fs'
import {delimiter, join, resolve} from 'node:path'
import packageJson from '../../package.json' with {type: 'json'}
import {messageOf, printable, UserError} from '../base/index.ts'
import {launcher} from '../product/index.ts'
import {topicNames} from './topics.ts'

export interface InstalledLinks {
  readonly program: string
  readonly links: readonly string[]
}

/** @throws UserError OUTPUT_FAILED when a name is taken by something else, or the folder cannot be written to */
export function installLinks(dir: string, flags: {force: boolean; json?: boolean | undefined}): InstalledLinks {
  const program = realpathSync(launcher().at(-1) ?? '')
  const folder = resolve(dir)
  const paths = [packageJson.name, ...topicNames].map(name => join(folder, name)).filter(path => path !== program)
  try {
    mkdirSync(folder, {recursive: true})
    // All or none: what is in the way is said before the first link is made.
    const taken = flags.force ? [] : paths.filter(path => isTaken(path, program))
    if (taken.length > 0) {
      throw new UserError('OUTPUT_FAILED', `there is something else already: ${taken.map(printable).join(', ')}`, {
        hint: 'take another folder, or replace it with --force',
      })
    }
    for (const path of paths) link(program, path)
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError('OUTPUT_FAILED', `cannot make links in ${printable(folder)}: ${messageOf(error)}`, {
      cause: error,
    })
  }
  if (!flags.json) {
    process.stdout.write(paths.map(path => `${path} -> ${program}\n`).join(''))
    const isOnPath = (process.env['PATH'] ?? '').split(delimiter).includes(folder)
    if (!isOnPath) process.stderr.write(`${folder} is not in your PATH\n`)
  }
  return {program, links: paths}
}

/** A link of our own, also an old one to a program that has moved, may be made anew. */
function isTaken(path: string, program: string): boolean {
  const stats = lstatSync(path, {throwIfNoEntry: false})
  if (stats === undefined) return false
  if (!stats.isSymbolicLink()) return true
  const target = readlinkSync(path)
  return target !== program && !/(^|\/)(disco-inferno|run\.js)$/.test(target)
}

/** Never without a link of that name in between. */
function link(program: string, path: string): void {
  const scratch = `${path}.${process.pid}.part`
  rmSync(scratch, {force: true})
  symlinkSync(program, scratch)
  renameSync(scratch, path)
}
