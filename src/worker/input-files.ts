/** From what the person named - files, folders, globs, `-` - to the list of inputs, in a fixed order, each once. */
import {
  closeSync,
  type Dirent,
  globSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs'
import {join} from 'node:path'
import {compareText, errorCodeOf, printable, UserError} from '../base/index.ts'
import {discoProbeBytes} from '../protocol/index.ts'
import type {FormatNode} from '../rules/index.ts'
import {type Compression, compressionOf} from './compression.ts'
import {unreadable} from './unreadable.ts'

export interface InputFile {
  /** As it is shown in messages. */
  readonly name: string
  /** undefined: standard input, or what `open` gives. */
  readonly path: string | undefined
  /** Where it is not a file: gives its bytes, packed as they are. Each chunk is good until the next. In this thread only. */
  readonly open?: () => AsyncIterable<Uint8Array>
  /** Size on disk; undefined when it is not a regular file (stdin, a pipe). */
  readonly bytes: number | undefined
  /** undefined: known only when the first bytes were read (pipes). */
  readonly compression: Compression | undefined
  /** Set when it is not the rule's own format: rows of an inner rule. */
  readonly format?: FormatNode
}

export interface FoundInputs {
  readonly files: readonly InputFile[]
  /** Files that were named more than once; they are read once. */
  readonly repeated: readonly string[]
}

/**
 * @param patterns - files, folders (read recursively, hidden files left out), globs (`logs/*.json`), `-` for standard input
 * @throws UserError INPUT_NOT_FOUND when a name or pattern gives nothing, INPUT_UNREADABLE when a file cannot be opened
 */
export function findInputs(patterns: readonly string[]): FoundInputs {
  const seen = new Set<string>()
  const repeated: string[] = []
  const files: InputFile[] = []
  for (const path of patterns.flatMap(expand)) {
    const identity = path === '-' ? '-' : identityOf(path)
    if (seen.has(identity)) {
      repeated.push(path)
      continue
    }
    seen.add(identity)
    files.push(path === '-' ? standardInput() : describe(path))
  }
  return {files, repeated}
}

/** The same for two names of one file. A pipe that a shell made (`<(…)`) has no name beside the one given. */
function identityOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function standardInput(): InputFile {
  return {name: '(stdin)', path: undefined, bytes: undefined, compression: undefined}
}

function expand(pattern: string): string[] {
  if (pattern === '-') return ['-']
  const stat = statOf(pattern)
  if (stat?.isDirectory()) return filesBelow(pattern)
  if (stat) return [pattern]
  const matches = /[*?[{]/.test(pattern) ? globSync(pattern).filter(path => statOf(path)?.isDirectory() === false) : []
  if (matches.length > 0) return matches.sort(compareText)
  throw new UserError('INPUT_NOT_FOUND', `there is no input ${printable(pattern)}`, {
    hint: 'name files, folders or quoted globs, or - to read standard input',
    exitCode: 2,
  })
}

/** undefined when there is no such file: also for names that no file can have. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch (error) {
    if (['EACCES', 'EPERM', 'EIO'].includes(errorCodeOf(error))) throw unreadable(path, error)
    return undefined
  }
}

/** Hidden files and what is in hidden folders are left out; links to files count, links to folders are not followed. */
function filesBelow(folder: string): string[] {
  const files: string[] = []
  const walk = (below: string): void => {
    for (const entry of entriesOf(below)) {
      if (entry.name.startsWith('.')) continue
      const path = join(below, entry.name)
      if (entry.isDirectory()) walk(path)
      else if (entry.isFile() || (entry.isSymbolicLink() && statOf(path)?.isFile())) files.push(path)
    }
  }
  walk(folder)
  if (files.length > 0) return files.sort(compareText)
  throw new UserError('INPUT_NOT_FOUND', `the folder ${printable(folder)} holds no files`, {exitCode: 2})
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, {withFileTypes: true})
  } catch (error) {
    throw unreadable(folder, error)
  }
}

function describe(path: string): InputFile {
  const stat = statOf(path)
  if (!stat) throw unreadable(path, Object.assign(new Error('it is gone'), {code: 'ENOENT'}))
  if (!stat.isFile()) return {name: path, path, bytes: undefined, compression: undefined}
  return {name: path, path, bytes: stat.size, compression: compressionOf(firstBytes(path), path)}
}

function firstBytes(path: string): Uint8Array {
  const head = new Uint8Array(discoProbeBytes)
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    throw unreadable(path, error)
  }
  try {
    return head.subarray(0, readSync(file, head))
  } catch (error) {
    throw unreadable(path, error)
  } finally {
    closeSync(file)
  }
}
