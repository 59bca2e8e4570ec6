import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {PassThrough} from 'node:stream'
import {afterAll, expect, test} from 'vitest'
import {type DeliveryOptions, deliver} from '../../../../src/project/run/index.ts'
import {parseExpression} from '../../../../src/rules/index.ts'
import {fileOf, ruleFile, startFile} from '../../worker/runs.ts'

const folder = mkdtempSync(join(tmpdir(), 'test-deliver-'))
afterAll(() => rmSync(folder, {recursive: true, force: true}))
const input = fileOf('{"k":"a"}\n{"k":"b"}\n{"k":"a"}\n')
const seen = globalThis as {deliveries?: unknown[]}

async function delivered(body: string, options: Partial<DeliveryOptions> = {}) {
  seen.deliveries = []
  const run = await startFile(ruleFile(`keyParts: ['k'], valueParts: ['count'], table: 't', ${body}`), [input])
  const stream = new PassThrough()
  try {
    const all = {
      format: undefined,
      defaultFormat: 'csv',
      out: undefined,
      signal: new AbortController().signal,
      ...options,
    } as const
    return {...(await deliver(run, stream, all)), text: String(stream.read() ?? '')}
  } finally {
    run.close()
  }
}

test('without a processor rows go to the stream', async () => {
  expect(await delivered('')).toMatchObject({to: 'stream', text: 'k,count\na,2\nb,1\n', rowCounts: {_default: 2}})
})

test('a processor gets rows, parameters, job and columns; nothing is printed', async () => {
  const processor = `params: {p: 1}, async resultProcessor(rows, {params, jobId, keysets}) {
    for await (const row of rows) globalThis.deliveries.push(row)
    globalThis.deliveries.push(params.p, jobId.split('@')[0], keysets._default)
  }`
  expect(await delivered(processor)).toMatchObject({to: 'processor', text: '', rowCounts: {_default: 2}})
  expect(seen.deliveries).toEqual([
    [['_default', 'a'], [2]],
    [['_default', 'b'], [1]],
    1,
    'tested',
    {name: '_default', columns: ['k', 'count'], table: 't'},
  ])
})

test('what was asked for comes before the processor of the rule; null does nothing with rows', async () => {
  const processor = `resultProcessor() { throw new Error('not asked') }`
  expect((await delivered(processor, {format: 'csv'})).text).toBe('k,count\na,2\nb,1\n')
  expect(await delivered('resultProcessor: null')).toMatchObject({to: 'nowhere', text: ''})
  const {to, files} = await delivered('resultProcessor: null', {out: join(folder, 'out')})
  expect([to, files.length, readdirSync(join(folder, 'out')).length]).toEqual(['files', 1, 1])
  expect(readFileSync(files[0]!, 'utf8')).toBe('k,count\na,2\nb,1\n')
})

test('a processor that fails is called once, unless it says that it may be repeated; then it gets all rows again', async () => {
  const failing = `async resultProcessor(rows) {
    for await (const [key] of rows) globalThis.deliveries.push(key[1])
    if (globalThis.deliveries.length < 4) throw new Error('offline')
  }`
  await expect(delivered(failing)).rejects.toMatchObject({
    code: 'HOOK_FAILED',
    message: 'resultProcessor of m.tested failed: offline',
  })
  expect(seen.deliveries).toEqual(['a', 'b'])
  expect(await delivered(`isResultProcessorIdempotent: true, ${failing}`)).toMatchObject({
    to: 'processor',
    rowCounts: {_default: 2},
  })
  expect(seen.deliveries).toEqual(['a', 'b', 'a', 'b'])
})

test('an abort ends a processor that only waits for rows', async () => {
  const aborted = delivered(`async resultProcessor(rows) { for await (const row of rows); }`, {
    signal: AbortSignal.abort(),
  })
  await expect(aborted).rejects.toThrow()
})

test('parts of the total stand in a column of their own, which a condition may name, whatever makes the rows', async () => {
  const percent = {percent: ['count']}
  expect((await delivered('', percent)).text).toBe('k,count,count_percent\na,2,66.67\nb,1,33.33\n')
  const having = parseExpression('count_percent < 50')
  expect((await delivered('', {...percent, having})).text).toBe('k,count,count_percent\nb,1,33.33\n')
  const {files} = await delivered('resultProcessor: null', {
    ...percent,
    top: {count: 1, column: 'count_percent'},
    out: join(folder, 'parts'),
  })
  expect(readFileSync(files[0]!, 'utf8')).toBe('k,count,count_percent\na,2,66.67\n')
  const reduce = `*reduceFunction(pairs) {
    const counts = {}
    for (const [key, [count]] of pairs) counts[key] = (counts[key] ?? 0) + Number(count)
    for (const [key, count] of Object.entries(counts)) yield [key.split(','), [count]]
  }`
  expect((await delivered(reduce, percent)).text).toBe('k,count,count_percent\na,2,66.67\nb,1,33.33\n')
})
