/** Files that a person named: folders opened with -r, in order of their names. */
import {readdirSync, statSync} from 'node:fs'
import {join, relative, sep} from 'node:path'
import {compareText, messageOf, printable, UserError} from '../../base/index.ts'
import {type Input, parseInput} from '../../client/index.ts'

/** Guards against links in circles. */
const folderDepthMax = 64

/** @throws UserError INPUT_NOT_FOUND for what does not exist, for a folder without -r, and when nothing is left */
export function inputsOf(texts: readonly string[], isRecursive: boolean): Input[] {
  const inputs = texts.flatMap(text => {
    if (!isRecursive || !isFolder(text)) return [parseInput(text)]
    // Names of blobs have no slashes; `:` stands between the steps, as in names of tags.
    return filesIn(text, 0).map(path => parseInput(path, relative(text, path).replaceAll(sep, ':')))
  })
  if (inputs.filter(input => input.type === 'stdin').length > 1) {
    throw new UserError('BAD_FLAG', 'standard input (-) can be read only once', {exitCode: 2})
  }
  if (inputs.length === 0)
    throw new UserError('INPUT_NOT_FOUND', `there are no files in ${texts.map(printable).join(', ')}`)
  return inputs
}

/** Bytes of all inputs; undefined when some do not say. */
export function totalBytes(inputs: readonly Input[]): number | undefined {
  let total = 0
  for (const {bytes} of inputs) {
    if (bytes === undefined) return undefined
    total += bytes
  }
  return total
}

function filesIn(folder: string, depth: number): string[] {
  if (depth > folderDepthMax)
    throw new UserError('INPUT_NOT_FOUND', `${printable(folder)}: folders are nested too deep`)
  const names = namesIn(folder).sort(compareText)
  return names.flatMap(name => {
    const path = join(folder, name)
    if (isFolder(path)) return filesIn(path, depth + 1)
    // Sockets, pipes and devices hold nothing; a link that leads nowhere is left to be told as missing.
    return statSync(path, {throwIfNoEntry: false})?.isFile() === false ? [] : [path]
  })
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    throw new UserError('INPUT_UNREADABLE', `${printable(folder)} cannot be read: ${messageOf(error)}`, {cause: error})
  }
}

function isFolder(path: string): boolean {
  return statSync(path, {throwIfNoEntry: false})?.isDirectory() ?? false
}
