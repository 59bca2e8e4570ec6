/** The scenarios at a size for every change. The whole of it: npm run test:cluster. */
import {expect, test} from 'vitest'
import {bitRot} from './bit-rot.ts'
import {killSoak} from './kill-soak/soak.ts'
import {masterRestarts} from './masters.ts'
import {pushWhileKilled} from './nodes.ts'
import {encrypted, starting} from './starting.ts'

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)

test(`killed agents, masters and writers lose nothing that was acknowledged (SEED=${seed})`, async () => {
  const counts = await killSoak({seed, killCount: 6, pushCount: 160, replicaCount: 2})
  expect(counts).toMatchObject({kills: 6, lost: 0, duplicated: 0, corrupt: 0})
})

test(`no rotten byte is served, and good copies are made again (SEED=${seed})`, async () => {
  expect(await bitRot({seed, flipCount: 12})).toMatchObject({wrongBytes: 0, databases: 1})
})

test('a master comes back on its folder and on an empty one', async () => {
  expect(await masterRestarts()).toMatchObject({restarts: 2})
})

test('a push goes on while a node is killed', async () => {
  expect(await pushWhileKilled()).toMatchObject({kills: 1})
})

test('a node that cannot start says why, and one that is told to end does', async () => {
  expect(await starting()).toMatchObject({readyMs: expect.any(Number)})
})

test('a cluster with a certificate of its own works for those who trust it', async () => {
  expect(Object.keys(await encrypted()).length).toBeGreaterThan(0)
})
