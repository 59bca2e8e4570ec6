import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, describe, expect, test} from 'vitest'
import {behaviours} from './behaviours.ts'
import {exactlyOnce} from './kills/exactly-once.ts'
import {batch, clicksTables, never, query, row, withSink} from './place.ts'

const folder = mkdtempSync(join(tmpdir(), 'inferno-sqlite-'))
afterAll(() => rmSync(folder, {recursive: true, force: true}))

describe('SQLite', () => {
  let count = 0
  test.each(Object.entries(behaviours))('%s', async (_, behaviour) => {
    await behaviour({address: `sqlite:${join(folder, `${++count}.db`)}`})
  })

  test('whole numbers are stored as such, also after they were added to', async () => {
    const place = {address: `sqlite:${join(folder, 'whole.db')}`}
    const write = (name: string, revenue: number) =>
      withSink(place, clicksTables(), 'add', sink => sink.write(batch(name), [row('a', 1, revenue)], never))
    await write('one', 2)
    const types = () => query(place.address, 'SELECT typeof(hits), hits, typeof(revenue), revenue FROM clicks')
    expect(await types()).toEqual([['integer', '1', 'integer', '2']])
    await write('two', 3)
    expect(await types()).toEqual([['integer', '2', 'integer', '5']])
    await write('three', 0.5)
    expect(await types()).toEqual([['integer', '3', 'real', '5.5']])
  })

  // More of them, and other databases: npm run test:databases.
  test('each batch counts once when its writer is killed at any moment', async () => {
    const {kills, rows} = await exactlyOnce({address: `sqlite:${join(folder, 'kills.db')}`, kills: 4, seed: 4})
    expect(kills).toBe(4)
    expect(rows).toBeGreaterThan(0)
  }, 120_000)
})
