import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, describe, expect, test} from 'vitest'
import {behaviours} from './behaviours.ts'
import {exactlyOnce} from './kills/exactly-once.ts'

const folder = mkdtempSync(join(tmpdir(), 'inferno-sqlite-'))
afterAll(() => rmSync(folder, {recursive: true, force: true}))

describe('SQLite', () => {
  let count = 0
  test.each(Object.entries(behaviours))('%s', async (_, behaviour) => {
    await behaviour({address: `sqlite:${join(folder, `${++count}.db`)}`})
  })

  // More of them, and other databases: npm run test:databases.
  test('each batch counts once when its writer is killed at any moment', async () => {
    const {kills, rows} = await exactlyOnce({address: `sqlite:${join(folder, 'kills.db')}`, kills: 4, seed: 4})
    expect(kills).toBe(4)
    expect(rows).toBeGreaterThan(0)
  }, 120_000)
})
