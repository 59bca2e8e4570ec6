import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {temporaryFolder} from '../folder.ts'
import {openTestStore} from './open-test-store.ts'

test('a process killed in the middle of uploads leaves every blob that it acknowledged, whole', async () => {
  const folder = temporaryFolder()
  const acknowledged = new Set<string>()
  for (let round = 0; round < 3; round++) {
    const script = join(import.meta.dirname, 'puts-for-ever.ts')
    const child = spawn(process.execPath, [script, folder, String(round * 1000)])
    let printed = ''
    child.stdout.on('data', chunk => {
      printed += chunk
      if (printed.split('\n').length > 20 + 7 * round) child.kill('SIGKILL')
    })
    await once(child, 'close')
    for (const line of printed.split('\n').slice(0, -1)) acknowledged.add(line)
    const {store} = await openTestStore({folder})
    await store.adopted()
    const here = new Set(store.list('', 1000).map(each => each.blob))
    expect([...acknowledged].filter(blob => !here.has(blob))).toEqual([])
    expect((await store.scrub('', 1e12)).corrupt).toEqual([])
    expect(readdirSync(join(folder, 'volume/partial'))).toEqual([])
    await store.close()
  }
  expect(acknowledged.size).toBeGreaterThan(50)
}, 30_000)
