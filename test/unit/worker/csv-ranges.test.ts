import {expect, test, vi} from 'vitest'
import type {EngineChoice} from '../../../src/engine/index.ts'
import {endOf, makeRangeEnds, namesOfFile, tellEnd} from '../../../src/worker/csv-ranges.ts'
import {fileOf, manyLines, runPlain} from './runs.ts'

// These files are to be read by two.
vi.mock('../../../src/worker/limits.ts', async original => ({
  ...(await original<typeof import('../../../src/worker/limits.ts')>()),
  oneKernelBytesMax: 1_000_000,
}))

const rule = {
  format: {type: 'csv', fields: 'header'},
  keyParts: ['k'],
  valueParts: ['count', 'n'],
} as const

/** Reads a file on one thread by the row evaluator, and on two by other engines. */
async function bothWays(content: string, engines: readonly EngineChoice[] = ['auto']) {
  const input = fileOf(content, 'input.csv')
  const {threads, spilledBytes, ...expected} = await runPlain(rule, [input], {threads: 1, engine: 'row'})
  for (const engine of engines) {
    const {threads: used, spilledBytes: none, ...found} = await runPlain(rule, [input], {threads: 2, engine})
    expect(found).toEqual(expected)
    expect(used).toBe(2)
  }
  return expected
}

test('a file with line breaks in quotes is read by two threads as by one', async () => {
  const {account} = await bothWays(
    `k,n,text\n${manyLines(6_500_000, row =>
      row % 9000 === 0 ? `bad\0,1,x` : `k${row % 50},${row % 7}.5,"say ""so"",\nrow ${row}, and on"`,
    )}`,
    ['auto', 'row'],
  )
  expect(account.bad).toBeGreaterThan(10)
})

test('a file without quotes is read by two threads as by one', async () => {
  const {account} = await bothWays(`k,n\n${manyLines(6_500_000, row => `k${row % 50},${row % 70}`)}`)
  expect(account).toMatchObject({bad: 0})
})

test('a file whose quotes fit both ways is read by two threads as by one', async () => {
  const {account} = await bothWays(`k,n\n${manyLines(6_500_000, row => `"k${row % 5},","${row % 7}",",\n"`)}`)
  expect(account.bad).toBe(0)
})

test('a stray quote and cells as long as a range cost no record more than on one thread', async () => {
  const long = `"${'long,\n'.repeat(15_000)}"`
  await bothWays(
    `k,n,text\n${manyLines(6_500_000, row => `k${row % 50},1,${row === 40_000 ? '"stray' : row % 20_000 === 0 ? long : 'x'}`)}`,
  )
})

test('a range waits for the end of the one before it, or for being stopped', async () => {
  const ends = makeRangeEnds(2)
  const waiting = endOf(ends, 0, () => undefined)
  tellEnd(ends, 0, 2 ** 40)
  expect(await waiting).toBe(2 ** 40)
  expect(await endOf(ends, 0, () => undefined)).toBe(2 ** 40)
  const stop = (): never => {
    throw new Error('stop')
  }
  await expect(endOf(ends, 1, stop)).rejects.toThrow('stop')
})

test.each<[string, string, readonly string[] | null]>([
  ['in the first bytes', `k,n\n${'a,1\n'.repeat(50_000)}`, ['k', 'n']],
  ['behind many blank lines', `${'\r\n'.repeat(10_000)}k,"n"\na,1\n`, ['k', 'n']],
  ['in a long record', `k,"${'long '.repeat(20_000)}"\na,1\n`, ['k', 'long '.repeat(20_000)]],
  ['too far away', `${'\n'.repeat(300_000)}k,n\na,1\n`, null],
  ['in no complete record', 'k,n', null],
])('the names of a file stand %s', (_, content, expected) => {
  const format = {format: 'csv', fields: 'header', delimiter: ','} as const
  expect(namesOfFile(fileOf(content, 'names.csv'), 'names.csv', format)).toEqual(expected)
})
