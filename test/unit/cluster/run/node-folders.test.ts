import {existsSync, mkdtempSync, rmSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect, onTestFinished, test} from 'vitest'
import {homePaths} from '../../../../src/client/index.ts'
import {lockMasterFolder, openAgentFolder} from '../../../../src/cluster/run/node-folders.ts'
import {isNodeName} from '../../../../src/protocol/index.ts'

function paths(): ReturnType<typeof homePaths> {
  const home = mkdtempSync(join(tmpdir(), 'test-node-folders-'))
  onTestFinished(() => rmSync(home, {recursive: true, force: true}))
  return homePaths(join(home, 'home'))
}

test('the folders of a cluster are made for its user alone', async () => {
  const places = paths()
  const master = await lockMasterFolder({paths: places})
  expect(statSync(places.home).mode & 0o777).toBe(0o700)
  expect(existsSync(master.path)).toBe(true)
  await master.close()
})

test('a folder is of one process at a time', async () => {
  const places = paths()
  const master = await lockMasterFolder({paths: places})
  await expect(lockMasterFolder({paths: places})).rejects.toMatchObject({code: 'CANNOT_START'})
  await master.close()
  await (await lockMasterFolder({paths: places})).close()
})

test('an agent is called as it is told, or as its machine; what its folder says stays', async () => {
  const places = paths()
  const named = await openAgentFolder({paths: places, folder: undefined, name: 'n7'})
  expect(named.identity.name).toBe('n7')
  expect(named.path).toBe(join(places.nodes, 'n7'))
  await named.close()
  const again = await openAgentFolder({paths: places, folder: named.path, name: undefined})
  expect(again.identity.name).toBe('n7')
  await again.close()
  const unnamed = await openAgentFolder({paths: places, folder: undefined, name: undefined})
  expect(isNodeName(unnamed.identity.name)).toBe(true)
  await unnamed.close()
})
