/** From an executable and a command line to a job pack of Disco. */
import {readFileSync, statSync} from 'node:fs'
import {hostname, userInfo} from 'node:os'
import {basename, relative, sep} from 'node:path'
import {messageOf, printable, UserError} from '../../base/index.ts'
import {type DiscoPack, encodeDiscoPack, prefixCharsMax, readDiscoJob} from '../../protocol/index.ts'
import {writeZip, type ZipSource} from '../../worker/index.ts'
import {inputsOf} from '../ddfs/files.ts'

export interface WorkerFlags {
  readonly map?: boolean | undefined
  readonly reduce?: boolean | undefined
  readonly reduces: number
  /** `NAME=GROUPING[,concurrent]` each: a pipeline instead of map and reduce. */
  readonly stage?: readonly string[] | undefined
  readonly prefix?: string | undefined
  readonly owner?: string | undefined
  /** `NAME=VALUE` each; the value is JSON, or text. */
  readonly scheduler?: readonly string[] | undefined
  /** `NAME=VALUE` each. */
  readonly env?: readonly string[] | undefined
  /** Files and folders beside the worker. */
  readonly file?: readonly string[] | undefined
  /** Text, or `@FILE`. */
  readonly data?: string | undefined
  readonly save?: boolean | undefined
}

/**
 * The pack of a job: version 1 for map and reduce, version 2 for stages.
 *
 * @param inputs - tags, blobs, URLs
 * @throws UserError BAD_FLAG, INPUT_NOT_FOUND, INPUT_UNREADABLE; JOB_FILE_BROKEN in Disco's words
 */
export function workerPack(worker: string, inputs: readonly string[], flags: WorkerFlags): Buffer {
  const name = basename(worker)
  const common = {
    prefix: flags.prefix ?? prefixOf(name),
    owner: flags.owner ?? `${userInfo().username}@${hostname()}`,
    worker: name,
    scheduler: Object.fromEntries(
      assignmentsOf('--scheduler', flags.scheduler).map(([key, text]) => [key, json(text)]),
    ),
    save_results: flags.save === true,
  }
  const pack: DiscoPack = {
    ...jobOf(common, inputs, flags),
    jobEnvs: Object.fromEntries(assignmentsOf('--env', flags.env)),
    jobHome: writeZip(homeOf(worker, flags.file ?? [])),
    jobData: dataOf(flags.data),
  }
  readDiscoJob(pack)
  return encodeDiscoPack(pack)
}

function jobOf(
  common: Readonly<Record<string, unknown>>,
  inputs: readonly string[],
  {stage = [], map = false, reduce = false, reduces}: WorkerFlags,
): Pick<DiscoPack, 'version' | 'jobDict'> {
  const isClassic = map || reduce
  if (isClassic === stage.length > 0) {
    throw badFlag('say what the worker does: --map, --reduce or both; or its stages', {
      hint: 'disco job WORKER INPUT -m -r, or: disco job WORKER INPUT --stage map=split --stage reduce=group-label',
    })
  }
  if (isClassic) {
    const phases = {'map?': map, 'reduce?': reduce, nr_reduces: reduces}
    return {version: 1, jobDict: {...common, ...phases, input: inputs}}
  }
  const pipeline = assignmentsOf('--stage', stage).map(([name, text]) => {
    const [grouping = '', mark] = text.split(',')
    if (mark !== undefined && mark !== 'concurrent') {
      throw badFlag(`--stage ${printable(name)}: "${printable(mark)}" is not known behind the grouping`, {
        hint: 'a stage that begins before the one in front of it ends is written NAME=GROUPING,concurrent',
      })
    }
    return [name, grouping.replaceAll('-', '_'), mark !== undefined]
  })
  return {version: 2, jobDict: {...common, pipeline, inputs: inputs.map(input => [0, 0, [input]])}}
}

/** As Disco takes it: up to the first dot. */
function prefixOf(name: string): string {
  const prefix = name
    .split('.', 1)[0]!
    .replaceAll(/[^A-Za-z0-9_-]/g, '_')
    .slice(0, prefixCharsMax)
  return prefix === '' ? 'job' : prefix
}

function assignmentsOf(flag: string, texts: readonly string[] = []): (readonly [name: string, value: string])[] {
  return texts.map(text => {
    const at = text.indexOf('=')
    if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
    throw badFlag(`${flag} ${printable(text)} has no value`, {hint: `write it as ${flag} NAME=VALUE`})
  })
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    // What is no JSON is text.
    if (error instanceof SyntaxError) return text
    throw error
  }
}

function homeOf(worker: string, paths: readonly string[]): ZipSource[] {
  const sources = [sourceOf(worker, basename(worker), true), ...paths.flatMap(pathsOf)]
  const names = new Set<string>()
  for (const {path} of sources) {
    if (names.has(path))
      throw badFlag(`two files of the job are called "${printable(path)}"`, {hint: 'rename one of them'})
    names.add(path)
  }
  return sources
}

/** A file by its name; a folder with all that is in it, by its name. */
function pathsOf(path: string): ZipSource[] {
  const isFolder = statSync(path, {throwIfNoEntry: false})?.isDirectory() ?? false
  if (!isFolder) return [sourceOf(path, basename(path), false)]
  return inputsOf([path], true).flatMap(input => {
    if (input.type !== 'file') return []
    const inside = relative(path, input.text).split(sep).join('/')
    return [sourceOf(input.text, `${basename(path)}/${inside}`, false)]
  })
}

function sourceOf(file: string, path: string, isWorker: boolean): ZipSource {
  const content = contentOf(file)
  const isExecutable = isWorker || (statSync(file).mode & 0o111) !== 0
  return {path, content, isExecutable}
}

const dataOf = (text: string | undefined): Buffer =>
  text?.startsWith('@') === true ? contentOf(text.slice(1)) : Buffer.from(text ?? '')

function contentOf(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw isMissing
      ? new UserError('INPUT_NOT_FOUND', `there is no file ${printable(path)}`)
      : new UserError('INPUT_UNREADABLE', `${printable(path)} cannot be read: ${messageOf(error)}`, {cause: error})
  }
}

const badFlag = (message: string, {hint}: {readonly hint: string}): UserError =>
  new UserError('BAD_FLAG', message, {hint, exitCode: 2})
