import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import type {ResultRow} from '../../../../src/engine/index.ts'
import {openSink, type SinkMode} from '../../../../src/sinks/index.ts'
import {batch, clicksTables, never, row} from '../../../databases/place.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-sink-'))
})
afterEach(() => rmSync(folder, {recursive: true}))

const out = (): string => join(folder, 'out')

async function write(
  mode: SinkMode,
  name: string,
  rows: Iterable<ResultRow>,
  scope = 'all',
  scheme = 'csv',
): Promise<boolean> {
  const sink = await openSink({to: `${scheme}:${out()}`, mode}, clicksTables())
  return (await sink.write(batch(name, scope), rows, never)).isRepeat
}

/** Texts of all files of the table, in the order of their names. */
function texts(): string[] {
  const table = join(out(), 'clicks')
  return readdirSync(table)
    .sort()
    .map(name => readFileSync(join(table, name), 'utf8'))
}

describe('a folder of files', () => {
  test('gets one file for each batch, and a repeat changes nothing', async () => {
    expect(await write('append', 'one', [row('a', 1, 0.5)])).toBe(false)
    expect(await write('append', 'one', [row('b', 9, 9)])).toBe(true)
    expect(await write('append', 'two', [])).toBe(false)
    expect(texts().sort()).toEqual(['site,hits,revenue\n', 'site,hits,revenue\na,1,0.5\n'])
  })

  test('knows its batches', async () => {
    await write('append', 'one', [row('a', 1, 1)])
    const sink = await openSink(`csv:${out()}`, clicksTables())
    expect(sink.isExactlyOnce).toBe(true)
    expect([await sink.hasBatch(batch('one').id), await sink.hasBatch(batch('two').id)]).toEqual([true, false])
    expect([await sink.knowsBatch(batch('one').id), await sink.knowsBatch(batch('two').id)]).toEqual([true, false])
    const [note] = readdirSync(join(out(), '_batches'))
    expect(JSON.parse(readFileSync(join(out(), '_batches', note!), 'utf8'))).toMatchObject({
      id: batch('one').id,
      rule: 'daily.clicks',
      rowCounts: {clicks: 1},
    })
  })

  test('in replace, keeps the last batch of each scope', async () => {
    await write('replace', 'one', [row('a', 1, 1)], '2026-05-01')
    await write('replace', 'two', [row('b', 2, 2)], '2026-05-02')
    await write('replace', 'three', [row('c', 3, 3)], '2026-05-01')
    expect(texts()).toEqual(['site,hits,revenue\nc,3,3\n', 'site,hits,revenue\nb,2,2\n'])
    expect(readdirSync(join(out(), 'clicks'))[0]).toMatch(/^2026-05-01\.[0-9a-f]{8}\.csv$/)
    expect(await write('replace', 'one', [row('a', 1, 1)], '2026-05-01')).toBe(false)
  })

  test('holds JSON lines too', async () => {
    await write('append', 'one', [row('a', 1, 0.5)], 'all', 'ndjson')
    expect(texts()).toEqual(['{"_keyset":"_default","site":"a","hits":1,"revenue":0.5}\n'])
  })

  test('writes again what somebody removed', async () => {
    await write('append', 'one', [row('a', 1, 1)])
    rmSync(join(out(), 'clicks'), {recursive: true})
    expect(await write('append', 'one', [row('a', 1, 1)])).toBe(false)
    expect(texts()).toHaveLength(1)
  })

  test('has nothing of rows that fail half-way', async () => {
    function* failing(): Iterable<ResultRow> {
      yield row('a', 1, 1)
      throw new Error('the merge broke')
    }
    await expect(write('append', 'one', failing())).rejects.toThrow('the merge broke')
    expect(texts()).toEqual([])
    expect(await write('append', 'one', [row('a', 1, 1)])).toBe(false)
  })

  test('keeps no totals, and takes no names that lead out of it', async () => {
    await expect(write('add', 'one', [])).rejects.toThrow(/files cannot keep totals/)
    for (const name of ['../x', 'a/b', '.hidden', '_batches', '']) {
      const tables = clicksTables().map(table => ({...table, name}))
      await expect(openSink(`csv:${out()}`, tables)).rejects.toThrow(/cannot be the name of a folder/)
    }
  })
})
