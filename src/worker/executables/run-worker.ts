/**
 * Runs one task in an executable that speaks Disco's worker protocol.
 *
 * The worker reads answers on its standard input. It speaks on standard error, as Disco's do, or on standard output; lines there
 * that are no message are text for the log. It may say nonsense, stop in the middle of a message, flood, hang, die, or leave its
 * pipes to somebody else: each is an error of the result, and ends with its process group gone.
 */
import {existsSync} from 'node:fs'
import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {giveFolder, removeLinks, takeBackFolder} from '../task-user.ts'
import {caPathOf, collectOutputs, linkHome} from './run-folder.ts'
import {cutText, type Failure, failure, type WorkerPorts, type WorkerResult, type WorkerRunSpec} from './run-spec.ts'
import {WorkerRun} from './worker-run.ts'

/**
 * @param signal - ends the run, with an error
 * @throws never for what the worker does
 */
export async function runWorker(spec: WorkerRunSpec, ports: WorkerPorts, signal?: AbortSignal): Promise<WorkerResult> {
  const startMs = performance.now()
  const nothing = {outputs: [], remoteOutputs: [], logsDropped: 0, cpuMs: 0}
  const failedResult = (end: Failure, rest: Partial<WorkerResult> = {}): WorkerResult => ({
    ...nothing,
    ...rest,
    error: {...end, text: cutText(end.text)},
    wallMs: performance.now() - startMs,
  })
  if (!existsSync(join(spec.home, spec.worker)))
    return failedResult(failure('fatal', `the job home has no worker "${spec.worker}"`))
  await linkHome(spec.folder, spec.home)
  if (spec.ca !== undefined) await writeFile(caPathOf(spec.folder), spec.ca, {mode: 0o600})
  if (spec.user !== undefined) giveFolder(spec.folder, spec.user)
  const run = new WorkerRun(spec, ports)
  const stop = (): void => run.stop()
  signal?.addEventListener('abort', stop)
  if (signal?.aborted === true) stop()
  const end = await run.end
  signal?.removeEventListener('abort', stop)
  if (spec.user !== undefined) takeBackFolder(spec.folder)
  const {logsDropped, cpuMs} = run
  if (logsDropped > 0) ports.log(`${logsDropped} lines that the worker printed were dropped: too many at once`)
  if (end.type === 'failed') return failedResult(end, {logsDropped, cpuMs})
  const outputs = await collectOutputs(spec.folder, spec.run, run.session.localOutputs)
  if (spec.user !== undefined) removeLinks(spec.folder)
  if (typeof outputs === 'string') return failedResult(failure('error', outputs), {logsDropped, cpuMs})
  const {remoteOutputs} = run.session
  return {outputs, remoteOutputs, error: null, logsDropped, wallMs: performance.now() - startMs, cpuMs}
}
