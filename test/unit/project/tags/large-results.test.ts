/** Tables so large that partials go to the command as they are: read where they lie, or fetched, and merged by threads. */
import {readdirSync} from 'node:fs'
import {afterAll, beforeAll, beforeEach, expect, test, vi} from 'vitest'
import {scanOnCluster} from '../../../../src/project/index.ts'
import {rowTemplate} from '../../../../src/sinks/index.ts'
import {soon} from '../../soon.ts'
import {clicks, OneNode} from './one-node.ts'

const asked = vi.hoisted(() => ({machine: '', opened: [] as string[]}))

// Large tables are as good when they are not very large.
vi.mock(import('../../../../src/worker/limits.ts'), async load => ({...(await load()), mergersBytesMin: 1}))
vi.mock(import('../../../../src/client/jobs/this-machine.ts'), async load => {
  const real = await load()
  return {
    ...real,
    machineId: () => (asked.machine === 'this' ? real.machineId() : undefined),
    openLocal: file => {
      const opened = real.openLocal(file)
      if (opened !== undefined) asked.opened.push(file.path.replace(/.*\//, ''))
      return opened
    },
  }
})

const node = new OneNode()
beforeAll(async () => {
  await node.start()
  const day = (from: number): unknown[] =>
    Array.from({length: 60_000}, (_, at) => ({site: `site-of-a-long-name-${from + at}`, n: at}))
  await node.push('in:clicks:2026-11-21', day(0))
  await node.push('in:clicks:2026-11-22', day(30_000))
  await node.push('in:clicks:2026-11-23', [{site: 'site-of-a-long-name-0', n: 1}])
})
afterAll(() => node.stop())
beforeEach(() => {
  asked.opened.length = 0
})

/** The CSV of a run on the cluster, and of its rows one by one. */
async function csvOf(): Promise<{text: string; rows: number}> {
  let text = ''
  const {report, error} = await node.run(clicks(), {
    scan: scanOnCluster,
    usesCache: false,
    deliver: async run => {
      const made = run.textRows(keyset => rowTemplate('csv', run.headers[keyset]!, [{aggregate: 'sum'}]))
      for await (const piece of made!.pieces()) text += Buffer.from(piece).toString()
      const rows = Array.from(run.rows(), ({key, values}) => `${key.join(',')},${values.join(',')}\n`)
      expect(text === `site,n\n${rows.join('')}`).toBe(true)
      return {rowCounts: {_default: rows.length}, to: 'the test'}
    },
  })
  expect(error).toBeUndefined()
  expect(report.account).toMatchObject({in: 120_001, used: 120_001, bad: 0})
  return {text, rows: report.rowCounts?.['_default'] ?? 0}
}

const openFiles = (): number => readdirSync('/proc/self/fd').length

test('a table is the same whether its partials are read where they lie or fetched', async () => {
  asked.machine = 'another'
  const fetched = await csvOf()
  expect(fetched.rows).toBe(90_000)
  expect(fetched.text).toContain('\nsite-of-a-long-name-0,1\n')
  expect(fetched.text).toContain('\nsite-of-a-long-name-30001,30002\n')
  expect(asked.opened).toEqual([])
  asked.machine = 'this'
  const before = openFiles()
  expect((await csvOf()).text === fetched.text).toBe(true)
  expect(asked.opened).toEqual(['merged.partial', 'part-0', 'part-1'])
  await soon(() => expect(openFiles()).toBeLessThanOrEqual(before))
})
