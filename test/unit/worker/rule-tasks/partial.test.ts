import {readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test, vi} from 'vitest'
import {rowTemplate} from '../../../../src/sinks/index.ts'
import {BrokenPartial, badLinesOf, openPartial, processStartMs, runRuleTask} from '../../../../src/worker/index.ts'
import {PieceMerger} from '../../../../src/worker/merge-piece.ts'
import {mergePieces} from '../../../../src/worker/merge-pieces.ts'
import {tailBytes} from '../../../../src/worker/rule-tasks/partial-format.ts'
import {fileOf, newFolder, scanOf, specOf, workOf} from './rule-work.ts'

// Few runs are as good as many.
vi.mock(import('../../../../src/engine/merge-kernel/limits.ts'), async load => ({...(await load()), mergedRunsMax: 9}))

const ports = {headers: {}, progress: () => undefined}
const work = workOf({keyParts: ['k'], valueParts: ['count']})

async function scanned(text: string, name: string): Promise<string> {
  const spec = specOf(scanOf(name), [[fileOf(text)]])
  const {error, outputs} = await runRuleTask({work, module: null}, spec, ports)
  expect(error).toBeNull()
  return join(spec.folder, outputs[0]!.file)
}

test('a partial has the account, the runs and the bad lines of its input', async () => {
  const partial = openPartial(await scanned('{"k":1}\n{bad\n{"k":2}\n', 'a.log'))
  expect(partial.account).toMatchObject({in: 3, used: 2, bad: 1})
  expect([partial.name, partial.lines, partial.missing, partial.cached]).toEqual(['a.log', 3, [], []])
  // The kernel scans, and leaves broken lines to the row path, which has tables of its own.
  expect(partial.runs[0]!.map(({kind, index}) => [kind, index?.blockBytes.length])).toContainEqual(['file', 1])
  expect([...badLinesOf(partial)]).toEqual([
    {file: 'a.log', line: 2, reason: 'not JSON', detail: expect.any(String), text: '{bad'},
  ])
})

test('a partial that is cut or changed anywhere is not believed', async () => {
  const whole = readFileSync(await scanned('{"k":1}\n{bad\n', 'a.log'))
  const path = join(newFolder(), 'broken')
  for (let length = 0; length < whole.length; length += 7) {
    writeFileSync(path, whole.subarray(0, length))
    expect(() => openPartial(path), `${length} bytes`).toThrow(BrokenPartial)
  }
  for (let at = 0; at < whole.length; at++) {
    const changed = Buffer.from(whole)
    changed[at]! ^= 0x10
    writeFileSync(path, changed)
    expect(() => openPartial(path), `byte ${at}`).toThrow(BrokenPartial)
  }
  writeFileSync(path, whole)
  expect(openPartial(path).account.in).toBe(2)
})

test('of a partial that was written since the machine went on the description is compared, and blocks as they are read', async () => {
  const whole = readFileSync(await scanned('{"k":1}\n{bad\n', 'a.log'))
  const path = join(newFolder(), 'broken')
  writeFileSync(path, whole)
  const run = openPartial(path).runs[0]!.find(({index}) => index!.blockBytes.length > 0)!
  const changedAt = (at: number): void => {
    const changed = Buffer.from(whole)
    changed[at]! ^= 0x10
    writeFileSync(path, changed)
  }
  const description = whole.length - tailBytes - whole.readUInt32LE(whole.length - tailBytes)
  const ours = {poweredSinceMs: processStartMs()}
  // But for the checksum of all, which is not looked at.
  const ofAll = whole.length - tailBytes + 8
  for (let at = description; at < whole.length; at++) {
    if (at >= ofAll && at < ofAll + 4) continue
    changedAt(at)
    expect(() => openPartial(path, ours), `byte ${at}`).toThrow(BrokenPartial)
  }
  changedAt(run.kind === 'file' ? run.span!.end - 1 : 0)
  const opened = openPartial(path, ours)
  expect(() => openPartial(path, {poweredSinceMs: Date.now() + 60_000})).toThrow(BrokenPartial)
  const template = rowTemplate('csv', {name: 't', table: 't', columns: ['k', 'count'], keyCount: 1}, [
    {aggregate: 'count'},
  ])!
  const [piece] = mergePieces(0, template, opened.runs[0]!)
  expect(() => new PieceMerger(work.plan).merge(piece!)).toThrow(/checksum/)
})

test('a merge adds up accounts in the order of inputs, by their names of today', async () => {
  const [one, two] = [await scanned('{bad one\n{"k":1}\n', 'old'), await scanned('{"k":1}\n{bad two\n', 'b')]
  const spec = specOf({type: 'merge', names: ['new', 'b'], isBesideRows: false}, [[one], [two]])
  const {outputs, error} = await runRuleTask({work, module: null}, spec, ports)
  expect(error).toBeNull()
  const merged = openPartial(join(spec.folder, outputs[0]!.file))
  expect(merged.account.badSamples.map(({file, line}) => [file, line])).toEqual([
    ['new', 1],
    ['b', 2],
  ])
  expect([...badLinesOf(merged)].map(({file, text}) => [file, text])).toEqual([
    ['new', '{bad one'],
    ['b', '{bad two'],
  ])
  // Who makes rows merges as many as it can at once.
  expect(merged.runs[0]).toHaveLength(2)
})

test('a merge makes one run of more than can be merged at once on the way to rows', async () => {
  const paths = await Promise.all(Array.from({length: 10}, (_, index) => scanned(`{"k":${index % 3}}\n`, `${index}`)))
  const spec = specOf(
    {type: 'merge', names: paths.map((_, index) => `${index}`), isBesideRows: false},
    paths.map(path => [path]),
  )
  const {outputs, error} = await runRuleTask({work, module: null}, spec, ports)
  expect(error).toBeNull()
  const merged = openPartial(join(spec.folder, outputs[0]!.file))
  expect(merged.runs[0]).toHaveLength(1)
  expect(merged.account.in).toBe(10)
})

test('a merge leaves large partials as they are, as parts beside it', async () => {
  const lines = (from: number): string =>
    Array.from({length: 60_000}, (_, at) => `{"k":"a key of ${from + at}"}\n`).join('')
  const paths = [
    await scanned(lines(0), 'a'),
    await scanned('{bad\n{"k":"small"}\n', 'b'),
    await scanned(lines(9), 'c'),
  ]
  const spec = specOf(
    {type: 'merge', names: ['a', 'b', 'c'], isBesideRows: false},
    paths.map(path => [path]),
  )
  // One name is taken: that partial is copied, as on file systems without second names.
  writeFileSync(join(spec.folder, 'part-1'), '')
  const {outputs, error, account} = await runRuleTask({work, module: null}, spec, ports)
  expect(error).toBeNull()
  expect(account.in).toBe(120_002)
  const files = outputs.map(({file}) => file)
  expect(files).toEqual(['merged.partial', 'part-0'])
  const [path, ...parts] = files.map(file => join(spec.folder, file))
  rmSync(paths[0]!)
  const merged = openPartial(path!, {parts})
  const filesOfRuns = new Set(merged.runs[0]!.map(run => run.kind === 'file' && run.path))
  expect([...filesOfRuns].sort()).toEqual([path, ...parts])
  expect(merged.account.in).toBe(120_002)
  expect([...badLinesOf(merged)].map(({file}) => file)).toEqual(['b'])
  expect(() => openPartial(path!)).toThrow(BrokenPartial)
  expect(() => openPartial(path!, {parts: [path!]})).toThrow(BrokenPartial)
  writeFileSync(parts[0]!, readFileSync(parts[0]!).fill(0, 100, 101))
  expect(() => openPartial(path!, {parts})).toThrow(BrokenPartial)
})

test('a merge names the partial that cannot be read', async () => {
  const good = await scanned('{"k":1}\n', 'a')
  const bad = fileOf('no partial')
  const spec = specOf({type: 'merge', names: ['a', 'b'], isBesideRows: false}, [[good], [bad]])
  const {error} = await runRuleTask({work, module: null}, spec, ports)
  expect(error).toMatchObject({class: 'input-lost', input: 1})
})
