import {execFileSync} from 'node:child_process'
import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, test, vi} from 'vitest'
import {collect, distinct, p95, topK} from '../../../src/api.ts'
import {fileOf, manyLines, ruleFile, runFile, runFolders, runPlain, startFile} from './runs.ts'

// Small inputs are to be cut like large ones.
vi.mock('../../../src/worker/limits.ts', async original => ({
  ...(await original<typeof import('../../../src/worker/limits.ts')>()),
  oneScannerBytesMax: 100_000,
  oneKernelBytesMax: 100_000,
  scannerBytesMin: 50_000,
  rangeBytesMin: 60_000,
  streamPartBytes: 60_000,
}))

const byKey = {keyParts: ['k'], valueParts: ['count']}

test('a tiny budget gives the same bytes as a large one', async () => {
  const input = fileOf(
    manyLines(350_000, index => `{"k":"${(index * 7919) % 5000}","v":${index % 1000}.25,"n":"${index % 13}"}`),
  )
  const rule = {
    keyParts: ['k'],
    valueParts: {v: p95('v'), people: distinct('n'), top: topK('n', 2), all: collect('v', {max: 3})},
  }
  const large = await runPlain(rule, [input], {memoryBytes: 2 ** 30, threads: 1})
  const small = await runPlain(rule, [input], {memoryBytes: 2 ** 18, threads: 2})
  expect(large.spilledBytes).toBeLessThan(small.spilledBytes)
  expect(small.csv).toBe(large.csv)
})

test('samples and bad lines are the same for any number of threads, with lines of the whole file', async () => {
  const lineOf = (index: number): string =>
    index % 500 === 77 ? `{"k": broken ${index}` : `{"k":${index % 5},"pad":"${'x'.repeat(40)}"}`
  const inputs = [fileOf(manyLines(350_000, lineOf)), fileOf(manyLines(200_000, lineOf))]
  const one = await runPlain(byKey, inputs, {threads: 1})
  expect(one.account.badSamples.map(sample => sample.line)).toEqual([78, 578, 1078, 1578, 2078])
  expect(one.badLines).toHaveLength(one.account.bad)
  for (const {line, text, reason} of one.badLines) {
    expect([text, reason]).toEqual([`{"k": broken ${line - 1}`, 'not JSON'])
  }
  expect(await runPlain(byKey, inputs, {threads: 4})).toEqual({...one, threads: 4})
})

test('sample reads the first records only', async () => {
  const input = fileOf('{"k":1}\n\nx\n{"k":2}\n{"k":3}\n')
  const {csv, account} = await runPlain(byKey, [input], {sample: 3})
  expect(csv).toBe('k,count\n1,1\n2,1\n')
  expect(account.in).toBe(3)
  const hooked = ruleFile(`keyParts: ['k'], valueParts: ['count'], partsPreprocess: [parts => parts]`)
  expect((await runFile(hooked, [input], {sample: 3})).csv).toBe(csv)
})

describe('max-bad', () => {
  const input = fileOf(
    manyLines(350_000, index => (index % 100 === 0 ? '{"bad' : `{"k":"${index}${'x'.repeat(100)}"}`)),
  )
  test.each([
    [{kind: 'count', count: 3}, /allows 3; nothing was written/],
    [{kind: 'share', percent: 0.5}, /allows 0.5%/],
  ] as const)('%j stops the run', async (maxBad, message) => {
    const before = runFolders()
    await expect(runPlain(byKey, [input], {maxBad})).rejects.toMatchObject({
      code: 'TOO_MANY_BAD',
      message: expect.stringMatching(message),
    })
    expect(runFolders()).toEqual(before)
  })
  test('what it allows goes through', async () => {
    const {account} = await runPlain(byKey, [input], {maxBad: {kind: 'share', percent: 1.1}})
    expect(account.bad).toBeGreaterThan(20)
  })
})

describe('hooks', () => {
  const input = fileOf(manyLines(350_000, index => `{"k":${index % 3},"pad":"${'x'.repeat(60)}"}`))

  test('mapInitFunction runs once a thread before its records, reduceInitFunction once, both with the parameters', async () => {
    const file = ruleFile(`keyParts: ['k'], valueParts: ['count'],
      params: {own: 1, given: 'no', helper: text => text + '!'},
      mapInitFunction: params => { params.inits = (params.inits ?? 0) + 1 },
      partsPreprocess: [(parts, params) => ({...parts, k: params.helper([params.inits, params.own, params.given, params.ruled.deep].join())})],
      ruleInitFunction: params => { params.ruled = {deep: 'r'} },
      reduceInitFunction: params => { params.reduced = (params.reduced ?? 0) + 1 },
      partsPostprocess: [function* (key, values, params) { yield [key, [params.reduced]] }]`)
    expect((await runFile(file, [input], {params: {given: 'yes'}})).csv).toBe('k,count\n"1,1,yes,r!",1\n')
  })

  test('rows are read again without a second reduceInitFunction', async () => {
    const file = ruleFile(
      `keyParts: [], valueParts: ['count'], reduceInitFunction: params => { params.reduced = (params.reduced ?? 0) + 1 }`,
    )
    const run = await startFile(file, [input])
    expect([...run.rows()]).toEqual([...run.rows()])
    expect(run.params['reduced']).toBe(1)
    run.close()
  })

  test('what ruleInitFunction leaves in its module is there for postprocessors', async () => {
    const file = ruleFile(
      `keyParts: [], valueParts: ['count'], ruleInitFunction: () => { state.ready = true },
      partsPreprocess: [parts => parts], partsPostprocess: [function* (key, values) { yield [key, [state.ready]] }]`,
      'const state = {ready: false}',
    )
    expect((await runFile(file, [input])).csv).toBe('count\ntrue\n')
  })

  test.each([
    ['mapInitFunction', 'mapInitFunction of m.tested failed: no luck'],
    ['ruleInitFunction', 'ruleInitFunction of m.tested failed: no luck'],
    ['reduceInitFunction', 'reduceInitFunction of m.tested failed: no luck'],
  ])('%s that throws ends the run and is named', async (hook, message) => {
    const file = ruleFile(`keyParts: [], valueParts: ['count'], ${hook}() { throw new Error('no luck') }`)
    const before = runFolders()
    await expect(runFile(file, [input])).rejects.toMatchObject({code: 'HOOK_FAILED', message})
    expect(runFolders()).toEqual(before)
  })

  test('a hook that gives a promise ends the run, in a thread too', async () => {
    const file = ruleFile(`keyParts: [], valueParts: ['count'], partsPreprocess: [parts => Promise.resolve(parts)]`)
    await expect(runFile(file, [input])).rejects.toMatchObject({
      code: 'BAD_RULE',
      message: expect.stringContaining('a promise'),
    })
  })

  test('a hook that ends the process of its thread is found out', async () => {
    const file = ruleFile(`keyParts: [], valueParts: ['count'], partsPreprocess: [() => process.exit(0)]`)
    await expect(runFile(file, [input])).rejects.toMatchObject({
      code: 'HOOK_FAILED',
      hint: expect.stringContaining('process.exit'),
    })
  })

  test('when one thread fails the others stop, even from an endless loop', async () => {
    const file = ruleFile(`keyParts: [], valueParts: ['count'], partsPreprocess: [function odd(parts) {
      if (parts.pad === 'stop') return 5
      for (;;) {}
    }]`)
    const inputs = [fileOf(manyLines(350_000, () => '{"pad":"loop"}')), fileOf('{"pad":"stop"}\n')]
    const before = runFolders()
    await expect(runFile(file, inputs.toReversed(), {threads: 2})).rejects.toMatchObject({code: 'BAD_RULE'})
    expect(runFolders()).toEqual(before)
  })
})

describe('abort', () => {
  const input = fileOf(manyLines(450_000, index => `{"k":"${index}"}`))

  test.each([
    ['while it scans', `partsPreprocess: [parts => parts]`],
    ['while a hook loops for ever', `partsPreprocess: [() => { for (;;) {} }]`],
    ['while a mapInitFunction loops for ever', `mapInitFunction() { for (;;) {} }`],
    ['while a combiner loops for ever', `combinerFunction(key) { if (key === null) for (;;) {} }`],
  ])('%s ends the run and leaves no temporary files', async (_, hooks) => {
    const file = ruleFile(`keyParts: ['k'], valueParts: ['count'], ${hooks}`)
    const before = runFolders()
    const controller = new AbortController()
    const run = runFile(file, [input], {signal: controller.signal, memoryBytes: 2 ** 18})
    const expected = expect(run).rejects.toMatchObject({code: 'INTERRUPTED', exitCode: 130})
    await sleep(200)
    controller.abort()
    await expected
    expect(runFolders()).toEqual(before)
  })

  test('while it waits for a pipe that nobody writes to ends the run', async () => {
    const path = `${fileOf('')}.fifo`
    execFileSync('mkfifo', [path])
    const controller = new AbortController()
    const run = runPlain(byKey, [path], {signal: controller.signal})
    const expected = expect(run).rejects.toMatchObject({code: 'INTERRUPTED'})
    await sleep(50)
    controller.abort()
    await expected
  })

  test('a signal that was aborted before starts nothing', async () => {
    await expect(runPlain(byKey, [input], {signal: AbortSignal.abort()})).rejects.toMatchObject({code: 'INTERRUPTED'})
  })
})

describe('a reader of the rule', () => {
  const read = (body: string): string =>
    ruleFile(`keyParts: ['k'], valueParts: ['count'], async *mapInputStream(chunks, context) { ${body} }`)

  test('gives records, reports bad ones and gets the parameters', async () => {
    const file = read(`
      let text = ''
      for await (const chunk of chunks) text += Buffer.from(chunk).toString()
      for (const k of text.split(context.params.separator)) if (k === '?') context.bad('odd', k); else yield {k}
      yield 5`)
    const {csv, account} = await runFile(file, [fileOf('a;b;?;a'), fileOf('b')], {params: {separator: ';'}})
    expect(csv).toBe('k,count\na,2\nb,2\n')
    expect(account).toMatchObject({in: 7, used: 4, bad: 3, badByReason: {reader: 3}})
  })

  test('that throws ends the run and is named', async () => {
    const file = read(`yield {k: 1}; throw new Error('torn')`)
    await expect(runFile(file, [fileOf('x')])).rejects.toMatchObject({
      code: 'HOOK_FAILED',
      message: expect.stringContaining('after 1 records: Error: torn'),
    })
  })
})
