import {existsSync, readdirSync, readFileSync, truncateSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {keptName, type RuleStage, type RuleWork, runRuleTask} from '../../../../src/worker/index.ts'
import {fileOf, newFolder, scanOf, specOf, workOf} from './rule-work.ts'

const work = workOf({keyParts: ['k'], valueParts: ['count']})
const blob = 'cd'.repeat(32)
type Scan = Extract<RuleStage, {type: 'scan'}>
const stage = (cacheFolder: string, more: Partial<Scan> = {}): Scan => scanOf('a', {blob, cacheFolder, ...more}) as Scan

const run = async (given: RuleWork, of: Scan, text = '{"k":1}\n') =>
  runRuleTask({work: given, module: null}, specOf(of, [[fileOf(text)]]), {headers: {}, progress: () => undefined})

// The blob's hash is compared only when it comes over the network, so these contents may be any.
const readLocally = (text: string) => {
  const path = fileOf(text)
  return {path, text}
}

test('a name says plan, blob and format, and the input only where a reader is told it', () => {
  const folder = newFolder()
  const name = keptName(work, stage(folder))
  expect(name).toMatch(/^[0-9a-f]{64}$/)
  expect(keptName(work, stage(folder, {input: {name: 'b', addresses: []}}))).toBe(name)
  const others = [
    keptName({...work, cacheKey: 'ef'.repeat(32)}, stage(folder)),
    keptName(work, stage(folder, {blob: 'ef'.repeat(32)})),
    keptName(work, stage(folder, {input: {name: 'a', addresses: [], format: {format: 'logfmt'}}})),
  ]
  expect(new Set([name, ...others]).size).toBe(4)
  const custom = {
    ...work,
    plan: {...work.plan, format: {format: 'custom', ref: {step: 'function', hook: 'h', name: ''}}},
  } as RuleWork
  expect(keptName(custom, stage(folder))).not.toBe(keptName(custom, stage(folder, {input: {name: 'b', addresses: []}})))
})

test('nothing is kept without a folder, of what is no blob, and when it is not wanted', () => {
  expect(keptName(work, stage(newFolder(), {cacheFolder: null}))).toBeUndefined()
  expect(keptName(work, stage(newFolder(), {blob: null}))).toBeUndefined()
  expect(keptName({...work, usesCache: false}, stage(newFolder()))).toBeUndefined()
})

test('a failed scan keeps nothing', async () => {
  const folder = newFolder()
  const {error} = await run(work, stage(folder))
  // A path is read as it is, but what came is not the blob.
  expect(error?.class).toBe('input-lost')
  expect(readdirSync(folder)).toEqual([])
})

test('a kept partial is taken without a look at the input', async () => {
  const folder = newFolder()
  const {path, text} = readLocally('{"k":1}\n{bad\n')
  const {crc32} = await import('node:zlib')
  const checksums = Buffer.alloc(4)
  checksums.writeUInt32LE(crc32(Buffer.from(text)))
  const localBlobs = {'blob://x': {path, bytes: text.length, checksums: checksums.toString('base64')}}
  const given = stage(folder, {localBlobs})
  const spec = specOf(given, [['blob://x']])
  const ports = {headers: {}, progress: () => undefined}
  const first = await runRuleTask({work, module: null}, spec, ports)
  expect(first).toMatchObject({error: null, counters: {bad: 1}})
  const again = specOf(stage(folder), [[]])
  const second = await runRuleTask({work, module: null}, again, ports)
  expect(second).toMatchObject({error: null, counters: {cached: 1}, usage: {bytes: 0}, account: {in: 2}})
  expect(existsSync(join(again.folder, second.outputs[0]!.file))).toBe(true)
  const strict = await runRuleTask({work: {...work, badMax: 0}, module: null}, specOf(stage(folder), [[]]), ports)
  expect(strict.error?.message).toMatch(/\[TOO_MANY_BAD\]/)
})

test('several kept partials are taken at once; one that is not there any more ends the job', async () => {
  const folder = newFolder()
  const {crc32} = await import('node:zlib')
  const ports = {headers: {}, progress: () => undefined}
  const texts = ['{"k":1}\n', '{"k":2}\n{"k":2}\n']
  const blobs = ['cd'.repeat(32), 'ef'.repeat(32)]
  for (const [index, text] of texts.entries()) {
    const {path} = readLocally(text)
    const checksums = Buffer.alloc(4)
    checksums.writeUInt32LE(crc32(Buffer.from(text)))
    const localBlobs = {'blob://x': {path, bytes: text.length, checksums: checksums.toString('base64')}}
    const given = scanOf('a', {blob: blobs[index]!, cacheFolder: folder, localBlobs})
    await runRuleTask({work, module: null}, specOf(given, [['blob://x']]), ports)
  }
  const inputs = blobs.map(blob => ({input: {name: `day ${blob.slice(0, 2)}`, addresses: [`blob://${blob}`]}, blob}))
  const take = () => runRuleTask({work, module: null}, specOf({type: 'kept', inputs, cacheFolder: folder}, []), ports)
  expect(await take()).toMatchObject({
    error: null,
    counters: {cached: 2},
    account: {in: 3},
    outputs: [{records: 1}, {records: 2}],
  })
  for (const name of readdirSync(folder)) truncateSync(join(folder, name), 10)
  expect((await take()).error).toMatchObject({
    class: 'fatal',
    message: 'what was kept of day cd is not there any more [PARTIAL_GONE]',
  })
})

test('a kept partial that a loss of power tore is scanned again, and kept again', async () => {
  const folder = newFolder()
  const {path, text} = readLocally('{"k":1}\n')
  const {crc32} = await import('node:zlib')
  const checksums = Buffer.alloc(4)
  checksums.writeUInt32LE(crc32(Buffer.from(text)))
  const localBlobs = {'blob://x': {path, bytes: text.length, checksums: checksums.toString('base64')}}
  const ports = {headers: {}, progress: () => undefined}
  const runOnce = async () =>
    (await runRuleTask({work, module: null}, specOf(stage(folder, {localBlobs}), [['blob://x']]), ports)).counters
  expect(await runOnce()).not.toHaveProperty('cached')
  const [name = ''] = readdirSync(folder)
  const kept = join(folder, name)
  for (const length of [0, 20, readFileSync(kept).length - 1]) {
    truncateSync(kept, length)
    expect(await runOnce(), `${length} bytes`).not.toHaveProperty('cached')
    expect(await runOnce()).toEqual({cached: 1})
  }
})
