import {spawnSync} from 'node:child_process'
import {join} from 'node:path'
import {expect, test} from 'vitest'

test('a process that has closed its meshes ends by itself', () => {
  const startMs = performance.now()
  const run = spawnSync(process.execPath, [join(import.meta.dirname, 'open-and-close.ts')], {
    encoding: 'utf8',
    timeout: 20_000,
  })
  expect(run.stderr).toBe('')
  expect(run.stdout).toBe('closed\n')
  expect(run.status).toBe(0)
  expect(performance.now() - startMs).toBeLessThan(15_000)
})
