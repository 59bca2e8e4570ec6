/**
 * CPU profiles of runs: what the engine samples while a task runs, as collapsed stacks (a line a stack: `outer;inner;… n`),
 * which any tool for flame graphs reads. The number is microseconds.
 *
 * Samples are folded every `foldMs`: those of an hour would take hundreds of megabytes. A function that never gives the event
 * loop a turn is folded when it ends.
 */
import {closeSync, fsyncSync, mkdirSync, openSync, writeSync} from 'node:fs'
import {type Profiler, Session} from 'node:inspector/promises'
import {basename} from 'node:path'
import {encodeOob} from '../task/task-context.ts'
import type {TaskResult} from '../task/types.ts'

/** Out-of-band keys of profiles begin so; stage and task follow. */
export const profileKeyPrefix = 'disco.profile:'

/** Between two samples, microseconds: a second of work is a thousand of them. */
const sampleUs = 1000

/** Between two foldings, milliseconds. */
const foldMs = 20_000

/** Stacks that are told apart; what is rarer than these goes to their first function. */
const stackCountMax = 20_000

/** Functions of one stack, the outer ones. Recursion goes deeper than anybody looks. */
const depthMax = 200

const profileFile = 'cpu-profile'

/**
 * Runs something under the profiler. The profile becomes an out-of-band file of the result; a run that fails has none.
 *
 * @param folder - of the run
 */
export async function profileRun(
  run: () => Promise<TaskResult>,
  {folder, stage, task}: {readonly folder: string; readonly stage: string; readonly task: number},
): Promise<TaskResult> {
  const session = new Session()
  session.connect()
  const stacks = new Map<string, number>()
  let folding = Promise.resolve()
  const fold = async (goesOn: boolean): Promise<void> => {
    const {profile} = await session.post('Profiler.stop')
    if (goesOn) await session.post('Profiler.start')
    foldProfile(profile, stacks)
  }
  try {
    await session.post('Profiler.enable')
    await session.post('Profiler.setSamplingInterval', {interval: sampleUs})
    await session.post('Profiler.start')
    const timer = setInterval(() => {
      folding = folding.then(() => fold(true))
    }, foldMs)
    let result: TaskResult
    try {
      result = await run()
    } finally {
      clearInterval(timer)
    }
    await folding
    await fold(false)
    if (result.error !== null) return result
    const bytes = encodeOob(stacksText(stacks))
    mkdirSync(folder, {recursive: true, mode: 0o700})
    writeDurably(`${folder}/${profileFile}`, bytes)
    const key = `${profileKeyPrefix}${stage.replace(/[^\w.-]/g, '_').slice(0, 100)}:${task}`
    return {...result, oob: [...result.oob, {key, file: profileFile, bytes: bytes.length}]}
  } finally {
    session.disconnect()
  }
}

/** Adds the samples of a profile to the stacks. */
export function foldProfile(
  {nodes, samples = [], timeDeltas = []}: Profiler.Profile,
  stacks: Map<string, number>,
): void {
  const parents = new Map<number, number>()
  const byId = new Map(nodes.map(node => [node.id, node]))
  for (const {id, children = []} of nodes) for (const child of children) parents.set(child, id)
  const times = new Map<number, number>()
  // A delta is the time before its sample: what was seen last went on until then.
  for (let at = 0; at < samples.length; at++) {
    const us = Math.max(0, timeDeltas[at + 1] ?? sampleUs)
    times.set(samples[at]!, (times.get(samples[at]!) ?? 0) + us)
  }
  for (const [id, us] of times) {
    const frames: string[] = []
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const frame = byId.get(at)?.callFrame
      if (frame !== undefined && frame.functionName !== '(root)') frames.push(frameText(frame))
    }
    frames.reverse()
    // Waiting for inputs is no work.
    if (frames.length === 0 || frames[0] === '(idle)') continue
    const stack = frames.slice(0, depthMax).join(';')
    const key = stacks.has(stack) || stacks.size < stackCountMax ? stack : frames[0]!
    stacks.set(key, (stacks.get(key) ?? 0) + us)
  }
}

/** `map (word-count.ts:12)`; the engine's own are `(program)`, `(garbage collector)`. */
function frameText({functionName, url, lineNumber}: Profiler.Profile['nodes'][number]['callFrame']): string {
  const name = functionName === '' ? '(anonymous)' : functionName
  // The loader of job files tells versions of a file apart by a query.
  const place = url === '' ? '' : ` (${basename(url.replace(/\?.*$/, ''))}:${lineNumber + 1})`
  return `${name}${place}`.replace(/[;\n\r]/g, '_')
}

const stacksText = (stacks: ReadonlyMap<string, number>): string =>
  [...stacks]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([stack, us]) => `${stack} ${us}\n`)
    .join('')

function writeDurably(path: string, bytes: Buffer): void {
  const file = openSync(path, 'w', 0o600)
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
