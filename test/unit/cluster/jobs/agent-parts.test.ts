/** The parts of an agent that need no process. */
import {appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, onTestFinished, test} from 'vitest'
import {boundedCounters} from '../../../../src/cluster/jobs/agent/counters.ts'
import {
  type AddressPorts,
  addressesOf,
  fileTarget,
  jobFileAddress,
} from '../../../../src/cluster/jobs/agent/input-addresses.ts'
import {oobOf} from '../../../../src/cluster/jobs/agent/oob.ts'
import {RunFiles, type RunRecord} from '../../../../src/cluster/jobs/agent/run-files.ts'
import {RunReporter} from '../../../../src/cluster/jobs/agent/run-reporter.ts'
import {RunInputs} from '../../../../src/cluster/jobs/agent/task-order.ts'
import {outputPath, parseOutputPath} from '../../../../src/cluster/jobs/output-path.ts'
import type {Output} from '../../../../src/pipeline/index.ts'
import {checkTicket, isJobPath, type TaskInput, type TaskNotice, ticketKeyOf} from '../../../../src/protocol/index.ts'

const job = 'words@1'
const never = new AbortController().signal
const input = (key: string, number: number, url = 'raw://x'): TaskInput => ({
  task: 0,
  run: 1,
  number,
  key,
  output: {label: 0, place: {type: 'urls', urls: [url]}, bytes: 0, records: 0},
})

describe('inputs of a run', () => {
  test('are taken in the order of key and number, whenever they came', () => {
    const inputs = new RunInputs([input('b', 1), input('b', 0)], false)
    inputs.add([{...input('a', 0), task: 5}], true)
    expect(inputs.take().map(({key, number}) => key + number)).toEqual(['a0', 'b0', 'b1'])
  })

  test('replace those of the same task and number that were not taken, and no others', () => {
    const inputs = new RunInputs([input('a', 0, 'raw://old')], false)
    inputs.add([input('a', 0, 'raw://new')], false)
    expect(inputs.take()[0]?.output.place).toEqual({type: 'urls', urls: ['raw://new']})
    inputs.add([input('a', 0, 'raw://late'), input('a', 1)], true)
    expect(inputs.take().map(({number}) => number)).toEqual([1])
  })

  test('are waited for until there are some, or all, or the run is stopped', async () => {
    const inputs = new RunInputs([], false)
    const some = inputs.some(never)
    inputs.add([input('a', 0)], false)
    await some
    const stopping = new AbortController()
    const all = inputs.all(stopping.signal)
    stopping.abort(new Error('stopped'))
    await expect(all).rejects.toThrow('stopped')
    inputs.add([], true)
    await inputs.all(never)
    expect(inputs.isComplete).toBe(true)
  })
})

describe('paths of outputs', () => {
  test('carry the offset of their section and stay inside the grammar', () => {
    const path = outputPath(12, 'output.shuffle', 4096)
    expect(isJobPath(path)).toBe(true)
    expect(parseOutputPath(path)).toEqual({file: '12/output.shuffle', offset: 4096})
    expect(parseOutputPath('12/plain.txt')).toEqual({file: '12/plain.txt', offset: undefined})
  })

  test('cannot leave the folder of the job', () => {
    for (const path of ['../x', '/x', 'a/../b', 'a//b', '.hidden', 'a/.x', 'a\\b', ''])
      expect(isJobPath(path)).toBe(false)
  })
})

describe('addresses of inputs', () => {
  const ticketKey = ticketKeyOf('secret')
  const ports: AddressPorts = {
    node: 'n1',
    jobFolder: name => `/jobs/${name}`,
    hasPeers: () => true,
    addressOf: node => (node === 'away' ? undefined : `http://${node}:1`),
    hasBlob: blob => blob.startsWith('a'),
    locate: async () => ({nodes: ['n3'], isGone: false}),
    ticketKey,
    nowMs: () => 1000,
  }
  const of = (place: Output['place'], more: Partial<Output> = {}) =>
    addressesOf(job, {...input('k', 0), output: {label: 0, place, bytes: 20, records: 1, ...more}}, ports)

  test('of files on this node are paths, with their section', async () => {
    expect(await of({type: 'file', node: 'n1', path: '3/out@8'})).toEqual({
      replicas: [`/jobs/${job}/3/out`],
      section: {offset: 8, bytes: 20},
    })
  })

  test('of files elsewhere carry a ticket for that file at that node, and no token', async () => {
    const {replicas, section} = await of({type: 'file', node: 'n2', path: '3/out@8'})
    expect(section).toEqual({offset: 8, bytes: 20})
    const [, , , , , , ticket] = new URL(replicas[0]!).pathname.split('/').concat([''])
    const target = fileTarget(job, '3/out')
    const text = replicas[0]!.split('/').at(-1)!
    expect(ticket).toBeDefined()
    expect(checkTicket(text, {method: 'GET', node: 'n2', target}, ticketKey, 2000).type).toBe('valid')
    expect(checkTicket(text, {method: 'GET', node: 'n3', target}, ticketKey, 2000).type).toBe('forged')
    expect(checkTicket(text, {method: 'GET', node: 'n2', target: fileTarget(job, '4/out')}, ticketKey, 2000).type).toBe(
      'forged',
    )
  })

  test('of a node that nobody knows are none', async () => {
    expect((await of({type: 'file', node: 'away', path: '3/out@8'})).replicas).toEqual([])
  })

  test('of blobs begin with this node, then those that were named; without any the master is asked', async () => {
    const hosts = (urls: readonly string[]): string[] => urls.map(url => new URL(url).hostname)
    const here = await of({type: 'blob', blob: 'a'.repeat(64)}, {nodes: ['n2', 'n1', 'away']})
    expect(hosts(here.replicas)).toEqual(['n1', 'n2'])
    expect(hosts((await of({type: 'blob', blob: 'b'.repeat(64)})).replicas)).toEqual(['n3'])
  })

  test('of results of other jobs are paths or ticketed URLs', async () => {
    const urls = [jobFileAddress('n1', 'old@1', '3/out'), jobFileAddress('n2', 'old@1', '3/out'), 'http://else/x']
    const {replicas} = await of({type: 'urls', urls})
    expect(replicas[0]).toBe('/jobs/old@1/3/out')
    expect(replicas[1]).toMatch(/^http:\/\/n2:1\/fetch\/jobs\/old%401\/3%2Fout\/1\.GET\./)
    expect(replicas[2]).toBe('http://else/x')
  })
})

describe('files of runs', () => {
  function files(): {files: RunFiles; folder: string} {
    const folder = mkdtempSync(join(tmpdir(), 'run-files-'))
    onTestFinished(() => rmSync(folder, {recursive: true, force: true}))
    return {files: new RunFiles(folder), folder}
  }
  const record = (run: number, state: RunRecord['state'], more: Partial<RunRecord> = {}): RunRecord => ({
    state,
    job,
    task: run,
    run,
    stageIndex: 0,
    isLastStage: false,
    outputs: [{label: 0, place: {type: 'file', node: 'n1', path: `${run}/out@8`}, bytes: 1, records: 1}],
    progress: {records: 0, bytes: 0, cpuMs: 0},
    oob: [],
    ...more,
  })
  const make = (runFiles: RunFiles, one: RunRecord, names: readonly string[] = ['out']): void => {
    mkdirSync(runFiles.folderOf(job, one.run), {recursive: true})
    runFiles.write([one])
    for (const name of names) writeFileSync(join(runFiles.folderOf(job, one.run), name), 'x')
  }

  test('that were under way are removed by the next start; finished ones are given back', () => {
    const {files: runFiles, folder} = files()
    runFiles.notePack(job, 'hash')
    mkdirSync(join(runFiles.packs, 'hash'))
    mkdirSync(join(runFiles.packs, 'unused'))
    mkdirSync(runFiles.folderOf(job, 1))
    make(runFiles, record(2, 'done'))
    make(runFiles, record(3, 'accepted'))
    expect(new RunFiles(folder).recover().map(one => [one.run, one.state])).toEqual([
      [2, 'done'],
      [3, 'accepted'],
    ])
    expect(existsSync(runFiles.folderOf(job, 1))).toBe(false)
    expect(existsSync(join(runFiles.packs, 'hash'))).toBe(true)
    expect(existsSync(join(runFiles.packs, 'unused'))).toBe(false)
  })

  test('whose record was half written or lost are removed; those behind them are not lost', () => {
    const {files: runFiles, folder} = files()
    make(runFiles, record(1, 'done'))
    mkdirSync(runFiles.folderOf(job, 2))
    appendFileSync(join(runFiles.folderOf(job), 'runs.ndjson'), '{"state":"done","run":3,')
    mkdirSync(runFiles.folderOf(job, 3))
    const again = new RunFiles(folder)
    expect(again.recover().map(one => one.run)).toEqual([1])
    make(again, record(4, 'done'))
    expect(new RunFiles(folder).recover().map(one => one.run)).toEqual([1, 4])
    expect([1, 2, 3, 4].filter(run => existsSync(runFiles.folderOf(job, run)))).toEqual([1, 4])
  })

  test('that made nothing have no folder when the job is over, and are known all the same', async () => {
    const {files: runFiles, folder} = files()
    make(runFiles, record(1, 'done', {outputs: []}), [])
    runFiles.write([record(1, 'accepted', {outputs: [], isLastStage: true})])
    make(runFiles, record(2, 'done'))
    await runFiles.remove(job, 2)
    await runFiles.remove('other@1', 7)
    await runFiles.endJob(job, false)
    expect(existsSync(runFiles.folderOf(job, 1))).toBe(false)
    expect(existsSync(runFiles.folderOf('other@1'))).toBe(false)
    expect(new RunFiles(folder).recover().map(one => [one.run, one.state])).toEqual([[1, 'accepted']])
  })

  test('of a job that is over are kept when they are results or may be some, or out of band', async () => {
    const {files: runFiles} = files()
    make(runFiles, record(1, 'accepted'))
    make(runFiles, record(2, 'accepted', {isLastStage: true}))
    make(runFiles, record(3, 'accepted', {oob: [{key: 'k', file: 'oob-0', bytes: 1}]}), ['out', 'oob-0'])
    make(runFiles, record(4, 'done', {isLastStage: true}))
    await runFiles.endJob(job, false)
    const isThere = (run: number, name: string): boolean => existsSync(join(runFiles.folderOf(job, run), name))
    expect([isThere(1, 'out'), isThere(2, 'out'), isThere(3, 'out'), isThere(3, 'oob-0'), isThere(4, 'out')]).toEqual([
      false,
      true,
      false,
      true,
      true,
    ])
    await runFiles.endJob(job, true)
    expect(runFiles.jobs()).toEqual([])
  })

  test('out of band are found by key, the first stage and task first', () => {
    const {files: runFiles} = files()
    const oob = [{key: 'k', file: 'oob-0', bytes: 1}]
    make(runFiles, record(5, 'accepted', {task: 2, oob}), ['oob-0'])
    make(runFiles, record(6, 'done', {task: 1, oob}), ['oob-0'])
    make(runFiles, record(7, 'accepted', {task: 0, stageIndex: 1, oob}), ['oob-0'])
    expect(oobOf(runFiles, job)).toMatchObject([{key: 'k', task: 1, run: 6}])
  })
})

describe('reports', () => {
  const name = {job, task: 1, run: 2}

  test('of an end come after the messages of the run, and outputs in pages', async () => {
    const sent: TaskNotice[] = []
    const reporter = new RunReporter(async notice => {
      sent.push(notice)
    })
    reporter.message(name, 'hello')
    const outputs = Array.from(
      {length: 4500},
      (_, label): Output => ({
        label,
        place: {type: 'file', node: 'n1', path: `2/out@${label}`},
        bytes: 1,
        records: 1,
      }),
    )
    await reporter.end(name, {state: 'done', outputs, progress: {records: 0, bytes: 0, cpuMs: 0}, oob: []})
    reporter.close()
    expect(sent.map(notice => notice.type)).toEqual(['run-messages', 'run-outputs', 'run-outputs', 'run-ended'])
    expect(sent[3]).toMatchObject({end: {state: 'done', at: 4000, outputs: {length: 500}}})
  })

  test('of too many messages say how many were dropped', async () => {
    const sent: TaskNotice[] = []
    const reporter = new RunReporter(async notice => {
      sent.push(notice)
    })
    for (let line = 0; line < 103; line++) reporter.message(name, `line ${line}`)
    await reporter.end(name, {state: 'failed', failure: {class: 'error', message: 'x'}})
    reporter.close()
    expect(sent[0]).toMatchObject({type: 'run-messages', texts: {length: 101}})
    expect(sent[0]).toMatchObject({texts: expect.arrayContaining([expect.stringContaining('3 more lines')])})
  })
})

describe('counters of a run', () => {
  const bounded = (counters: Record<string, number>): {kept: Record<string, number>; lines: string[]} => {
    const lines: string[] = []
    return {kept: {...boundedCounters(counters, line => lines.push(line))}, lines}
  }

  test('are sent as they are', () => {
    expect(bounded({b: 2, a: -0.5})).toEqual({kept: {a: -0.5, b: 2}, lines: []})
  })

  test('that no message can carry are left out, and the task says so', () => {
    const long = 'x'.repeat(201)
    const {kept, lines} = bounded({a: 1, infinite: Infinity, not: Number.NaN, [long]: 1})
    expect(kept).toEqual({a: 1})
    expect(lines).toEqual([expect.stringMatching(/^3 counters are left out/)])
    const many = bounded(Object.fromEntries(Array.from({length: 1000}, (_, n) => [`${n}`.padEnd(200, 'ü'), 1])))
    expect(JSON.stringify(many.kept).length).toBeLessThanOrEqual(64 * 1024 + 2)
    expect(Object.keys(many.kept).length).toBeGreaterThan(300)
  })
})
