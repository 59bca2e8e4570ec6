import {PassThrough} from 'node:stream'
import {expect, test, vi} from 'vitest'
import {topK} from '../../../src/api.ts'
import {deliver, type RuleRun} from '../../../src/project/run/index.ts'
import {assertRule, defineRule, type RuleOptions} from '../../../src/rules/index.ts'
import {formatRows, jsonPieces, rowTemplate, type SinkFormat} from '../../../src/sinks/index.ts'
import {fileOf, type Given, manyLines, startRun} from './runs.ts'

const merged = vi.hoisted(() => ({recordsShareMax: 0.5, codedPieces: 0}))

// Small inputs and small pieces go through threads as large ones do.
vi.mock(import('../../../src/worker/limits.ts'), async load => ({
  ...(await load()),
  oneScannerBytesMax: 100_000,
  oneKernelBytesMax: 100_000,
  scannerBytesMin: 50_000,
  mergeByThreadsBytesMin: 1000,
  mergePieceBytesMin: 1000,
  mergePieceRunBytes: 1000,
  codedPieceEntries: 1000,
  get codedRecordsShareMax() {
    return merged.recordsShareMax as 0.5
  },
}))

vi.mock(import('../../../src/worker/coded-pieces.ts'), async load => {
  const module = await load()
  return {
    ...module,
    *codedPieces(...args: Parameters<typeof module.codedPieces>) {
      for (const piece of module.codedPieces(...args)) {
        merged.codedPieces++
        yield piece
      }
    },
  }
})

const lineOf = (index: number): string =>
  JSON.stringify({
    k: `${(index * 7919) % 1000}${index % 50 === 0 ? ', "x"' : ''}`,
    s: `${['a', 'b', 'ü'][index % 3]}${index % 11}`,
    v: index % 100 === 0 ? 1e-9 / (index + 1) : index / 100,
  })
const input = fileOf(manyLines(1_200_000, lineOf))
const keyset = {keyParts: ['k', 's'], valueParts: ['count', 'v']}

async function startPlain(
  options: Omit<RuleOptions, 'name'>,
  inputs: readonly string[],
  given: Given,
): Promise<RuleRun> {
  const rule = defineRule({name: 'tested', ...options} as RuleOptions)
  assertRule(rule)
  return startRun(rule, null, inputs, {rowsAreText: true, ...given})
}

/** Both ways of one run: rows made one by one, and text. */
async function bothWays(
  run: RuleRun,
  format: SinkFormat,
  isCounted = true,
): Promise<{rows: string; text: string | undefined}> {
  const rows = [...formatRows(format, run.headers, run.rows())].join('')
  const made = run.textRows(keyset =>
    rowTemplate(format, run.headers[keyset]!, run.plan.keysets[keyset]!.values, {keysetCount: run.headers.length}),
  )
  if (made === undefined) return {rows, text: undefined}
  const pieces: Uint8Array[] = []
  const text = made.pieces()
  const seen = () => Object.keys(made.counts().rows)
  for await (const piece of format === 'json' ? jsonPieces(run.headers, text, seen) : text) pieces.push(piece)
  const lineCount = Buffer.concat(pieces).toString().split('\n').length - 1
  const counted = Object.values(made.counts().rows).reduce((sum, count) => sum + count, 0)
  const sectionCount = Object.keys(made.counts().rows).length
  // Markdown: title, empty line, head and rule; an empty line between two tables.
  // JSON: the first and the last line, and two for each keyset.
  const headCounts: Partial<Record<SinkFormat, number>> = {
    markdown: 5 * sectionCount - 1,
    ndjson: 0,
    json: 2 + 2 * sectionCount,
  }
  const headCount = headCounts[format] ?? sectionCount
  if (isCounted) expect(counted).toBe(lineCount - headCount)
  return {rows, text: Buffer.concat(pieces).toString()}
}

test.each([
  ['one scanner', {threads: 1}, 0, 0.5, true],
  ['two threads', {threads: 2}, 0, 0.5, true],
  ['two threads that leave more than a little to the row path', {threads: 2}, 0, 0.001, false],
  ['three threads that spill', {threads: 3, memoryBytes: 2 ** 19}, 100_000, 0.5, false],
  ['two threads whose rows nobody said to be text', {threads: 2, rowsAreText: false}, 0, 0.5, false],
  ['two threads of the row path', {threads: 2, engine: 'row'}, 0, 0.5, false],
] as const)('text is that of the rows: %s', async (_, given, spilledMin, recordsShareMax, isCoded) => {
  merged.recordsShareMax = recordsShareMax
  merged.codedPieces = 0
  const run = await startPlain({keysets: {z: keyset, a: {keyParts: ['s'], valueParts: ['v']}}}, [input], given)
  try {
    expect(run.spilledBytes).toBeGreaterThanOrEqual(spilledMin)
    for (const format of ['csv', 'ndjson', 'tsv', 'markdown', 'json'] as const) {
      const {rows, text} = await bothWays(run, format)
      expect(text === rows).toBe(true)
      expect(rows.length).toBeGreaterThan(100_000)
    }
    expect(merged.codedPieces > 10).toBe(isCoded)
  } finally {
    run.close()
  }
})

test('rows that somebody looks at are made one by one', async () => {
  const options: Omit<RuleOptions, 'name'>[] = [
    {
      ...keyset,
      valueParts: ['count'],
      partsPostprocess: [
        function* (key, values) {
          yield [key, values]
        },
      ],
    },
    {...keyset, valueParts: {top: topK('s', 2)}},
  ]
  for (const one of options) {
    const run = await startPlain(one, [fileOf('{"k":1,"s":2,"v":3}\n')], {})
    const {text} = await bothWays(run, 'csv')
    expect(text).toBeUndefined()
    run.close()
  }
  const plain = await startPlain(keyset, [fileOf('{"k":1,"s":2,"v":3}\n')], {})
  const {text} = await bothWays(plain, 'table')
  expect(text).toBeUndefined()
  plain.close()
})

test('delivered text is counted like rows, estimates too', async () => {
  const options = {keysets: {a: {...keyset, valueParts: ['count']}, b: {keyParts: ['absent'], valueParts: ['v']}}}
  const run = await startPlain(options, [input], {threads: 2})
  const stream = new PassThrough()
  stream.resume()
  const settings = {
    format: undefined,
    defaultFormat: 'csv',
    out: undefined,
    signal: new AbortController().signal,
  } as const
  const byText = await deliver(run, stream, settings)
  const byRows = await deliver({...run, textRows: () => undefined}, stream, settings)
  run.close()
  expect(byText).toEqual(byRows)
  expect(byText.rowCounts).toMatchObject({b: 0})
})

test('in a document keysets without rows are empty lists, wherever they come', async () => {
  const full = {keyParts: ['k'], valueParts: ['count']}
  const empty = {keyParts: ['absent'], valueParts: ['v']}
  for (const keysets of [{a: full, b: empty}, {a: empty, b: full}, {a: empty}, {a: full, b: full, c: empty, d: full}]) {
    const run = await startPlain({keysets} as never, [fileOf('{"k":1}\n{"k":2}\n')], {})
    const {rows, text} = await bothWays(run, 'json', false)
    expect(text).toBe(rows)
    expect(() => JSON.parse(rows)).not.toThrow()
    run.close()
  }
})

test('an empty input gives no text, not even a head', async () => {
  const run = await startPlain(keyset, [fileOf('')], {})
  expect(await bothWays(run, 'csv')).toEqual({rows: '', text: ''})
  run.close()
})
