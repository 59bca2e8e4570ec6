/**
 * Reads a folder of rules in a process of its own: authors' code may hang, grow and crash there. The process writes a line of JSON
 * before and after each file; a file after which nothing comes is to blame, and is left out of another try.
 */
import {spawn} from 'node:child_process'
import {readdirSync} from 'node:fs'
import {basename, extname} from 'node:path'
import type {Readable} from 'node:stream'
import {UserError} from '../../base/index.ts'
import type {ModuleReading, RuleReading} from './definition.ts'
import {readBytesMax, readMsMax} from './limits.ts'

export interface ReadOptions {
  /** Program and arguments before the folder; the program is to be started with `readerNodeOptions`. */
  readonly reader: readonly string[]
  /** Only this module. */
  readonly module?: string
  /** Hears what is wrong between rules. */
  readonly onWarning?: (text: string) => void
  readonly signal: AbortSignal
}

/** Lines of the reading process, on its descriptor 3. */
export type ReaderLine =
  | {readonly type: 'file'; readonly file: string}
  | {readonly type: 'module'; readonly reading: ModuleReading<RuleReading>}
  /** Of rules that are as they should be each by itself. */
  | {readonly type: 'warning'; readonly text: string}
  | {readonly type: 'failed'; readonly message: string; readonly hint?: string | undefined}
  | {readonly type: 'end'}

/**
 * @throws UserError RULE_NOT_FOUND when the folder cannot be read
 */
export async function readFolder(folder: string, options: ReadOptions): Promise<ModuleReading<RuleReading>[]> {
  const readings: ModuleReading<RuleReading>[] = []
  const left: string[] = []
  for (;;) {
    const result = await readOnce(folder, left, options)
    readings.push(...result.readings.filter(({module}) => !readings.some(known => known.module === module)))
    if (result.isWhole) return readings
    const {blamed} = result
    if (blamed === undefined || left.includes(blamed)) throw new UserError('RULE_FILE_BROKEN', result.message)
    const module = basename(blamed, extname(blamed))
    readings.push({module, file: blamed, rules: [], problems: [{message: result.message}], modulesRead: []})
    left.push(...readings.map(({file}) => file).filter(file => !left.includes(file)))
  }
}

interface ReadResult {
  readonly readings: readonly ModuleReading<RuleReading>[]
  readonly isWhole: boolean
  /** The file at which it ended. */
  readonly blamed: string | undefined
  readonly message: string
}

async function readOnce(
  folder: string,
  left: readonly string[],
  {reader, module, onWarning, signal}: ReadOptions,
): Promise<ReadResult> {
  signal.throwIfAborted()
  const [program = '', ...before] = reader
  const args = [...before, '-y', folder, ...left.flatMap(file => ['--leave', file])]
  if (module !== undefined) args.push('--only', module)
  const child = spawn(program, args, {stdio: ['ignore', 'ignore', 'pipe', 'pipe'], detached: true})
  const readings: ModuleReading<RuleReading>[] = []
  let failure: UserError | undefined
  let isWhole = false
  let file: string | undefined
  let isLate = false
  const kill = (): void => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, 'SIGKILL')
  }
  const onLate = (): void => {
    isLate = true
    kill()
  }
  let timer = setTimeout(onLate, readMsMax)
  signal.addEventListener('abort', kill)
  const ended = new Promise<string>(resolve => {
    child.once('error', error => resolve(error.message))
    child.once('exit', (code, by) => resolve(by === null ? `status ${code}` : by))
  })
  let errors = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-errorCharsMax)
  })
  for await (const line of linesOf(child.stdio[3] as Readable, readBytesMax)) {
    clearTimeout(timer)
    timer = setTimeout(onLate, readMsMax)
    const said = JSON.parse(line) as ReaderLine
    if (said.type === 'file') file = said.file
    else if (said.type === 'module') readings.push(said.reading)
    else if (said.type === 'warning') onWarning?.(said.text)
    else if (said.type === 'end') isWhole = true
    else failure = new UserError('RULE_NOT_FOUND', said.message, said.hint === undefined ? {} : {hint: said.hint})
  }
  const how = await ended
  clearTimeout(timer)
  signal.removeEventListener('abort', kill)
  signal.throwIfAborted()
  if (failure !== undefined) throw failure
  const why = isLate
    ? `does not load within ${readMsMax / 1000} seconds`
    : `cannot be loaded: the program ended (${how})`
  const said = errors.trim() === '' || isLate ? '' : `; it said: ${errors.trim()}`
  return {readings, isWhole, blamed: file, message: `${file ?? folder} ${why}${said}`}
}

const errorCharsMax = 1000

async function* linesOf(stream: Readable, bytesMax: number): AsyncGenerator<string> {
  let rest = ''
  let bytes = 0
  for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) {
    bytes += chunk.length
    if (bytes > bytesMax)
      throw new UserError('RULE_FILE_BROKEN', 'the folder holds more rules than a daemon can take', {
        hint: 'move some to another folder, with a daemon of its own: inferno daemon -y FOLDER --state FOLDER',
      })
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

/** Whether a folder is there at all: a message at once, without a process. @throws UserError RULE_NOT_FOUND */
export function assertFolder(folder: string): void {
  try {
    readdirSync(folder)
  } catch (error) {
    throw new UserError('RULE_NOT_FOUND', `there is no rules directory ${folder}`, {
      cause: error,
      hint: 'name one with -y, or make a rule project with: inferno init DIR',
      exitCode: 2,
    })
  }
}
