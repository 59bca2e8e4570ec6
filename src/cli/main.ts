/** Runs one command line: finds the command, runs it, reports how it ended. */
import {UserError} from '../base/index.ts'
import {startThreadFor} from '../worker/index.ts'
import {asTyped} from './called-name.ts'
import {manifest} from './manifest.ts'
import {type ReportContext, reportOf} from './report-error.ts'
import {parseRequest, suggestions} from './request.ts'
import {plainRun} from './run-plain.ts'

/**
 * @param args - what was typed after the name of the tool
 * @param called - the path it was called by (`process.argv[1]`)
 */
export async function main(args: readonly string[], called: string): Promise<void> {
  const request = parseRequest(args, called, manifest.commands)
  const command = request.type === 'command' ? manifest.commands[request.id] : undefined
  const context: ReportContext = {command, called, isJson: hasJsonFlag(args)}
  watchProcess(context)
  try {
    switch (request.type) {
      case 'unknown':
        throw unknownCommand(request.words, called)
      case 'help':
        await showHelp(request.subject, called)
        break
      case 'command':
        await runCommand(request.id, request.args)
        await endNow()
    }
  } catch (error) {
    leave(error, context)
  }
}

async function showHelp(subject: string, called: string): Promise<void> {
  const [{staticConfig}, {printHelp}] = await Promise.all([import('./static-plugin.ts'), import('./help.ts')])
  await printHelp(await staticConfig(), subject, called)
}

async function runCommand(id: string, args: readonly string[]): Promise<void> {
  if (id === 'inferno:query' || id === 'inferno:run') startThreadFor(args)
  const plain = plainRun(manifest.commands[id]!, args, process.env)
  if (plain !== undefined) {
    await plain()
    return
  }
  const {loadCommand, runningConfig} = await import('./static-plugin.ts')
  const Command = await loadCommand(id)
  const command = new Command([...args], runningConfig())
  // oclif's own `catch` prints errors and picks exit statuses in its way; here everything goes through one report.
  Object.assign(command, {
    catch: async (error: Error) => {
      throw error
    },
  })
  await (command as unknown as {_run(): Promise<unknown>})._run()
}

/** Of `process.getActiveResourcesInfo()`: threads, which have nothing left to do. */
const threadResources: ReadonlySet<string> = new Set(['Worker', 'MessagePort'])

/**
 * Ends the process when what it has printed is taken. Left alone it would first take down its heap and its threads, piece by piece:
 * 15 to 40 ms in which nothing happens any more. A rule may have left something under way (a file, a connection): that is waited for.
 */
async function endNow(): Promise<void> {
  // What went wrong with a write is told in a turn of its own.
  await new Promise(resolve => setImmediate(resolve))
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableLength > 0) await new Promise(resolve => stream.write('', resolve))
    // A pipe or terminal would count as under way. A file has no such method.
    if ('unref' in stream) stream.unref()
  }
  if (process.getActiveResourcesInfo().every(resource => threadResources.has(resource))) process.exit()
}

function unknownCommand(words: readonly string[], called: string): UserError {
  const word = words.at(-1) ?? ''
  const what = word.startsWith('-') ? `flag ${word} here` : `command "${words.join(' ')}"`
  return new UserError('BAD_FLAG', `there is no ${what}`, {hint: hintFor(words, called), exitCode: 2})
}

function hintFor(words: readonly string[], called: string): string {
  const topic = words.slice(0, -1).join(' ')
  const all = asTyped(`see all with: disco-inferno ${topic === '' ? '' : `${topic} `}--help`, called)
  const near = suggestions(words, manifest.commands).map(command => `"${command}"`)
  return near.length === 0 ? all : `did you mean ${near.join(' or ')}? Otherwise ${all}`
}

function hasJsonFlag(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return (end === -1 ? args : args.slice(0, end)).includes('--json')
}

/** What does not arrive as a rejection of the command: a closed pipe, a full disk behind stdout, errors in callbacks. */
function watchProcess(context: ReportContext): void {
  process.stdout.on('error', error => leave(error, context))
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    // Nobody reads messages, or there is no room for them; results on stdout are still wanted.
    if (error.code !== 'EPIPE') process.exitCode = 1
  })
  process.on('uncaughtException', error => leave(error, context))
  process.on('unhandledRejection', error => leave(error, context))
}

/** Ends the process: threads and timers of a command that failed have nothing left to do. Writes are synchronous on POSIX. */
function leave(thrown: unknown, context: ReportContext): never {
  // The reader has what it wanted (`| head`).
  if (isWriteError(thrown) && thrown.code === 'EPIPE') process.exit(0)
  const error = isWriteError(thrown)
    ? new UserError('OUTPUT_FAILED', `cannot write to stdout: ${thrown.message}`, {cause: thrown})
    : thrown
  // What could not be written there before will not be now.
  const report = reportOf(error, isWriteError(thrown) ? {...context, isJson: false} : context)
  if (report.stdout !== '') process.stdout.write(report.stdout)
  if (report.stderr !== '') process.stderr.write(report.stderr)
  process.exit(report.exitCode)
}

/**
 * True for an error of the system while writing, as Node throws it (stdout is a file) or emits it (a pipe or terminal).
 *
 * Writes to files of our own are caught where they happen, with the file's name.
 */
function isWriteError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && (error as NodeJS.ErrnoException).syscall === 'write'
}
