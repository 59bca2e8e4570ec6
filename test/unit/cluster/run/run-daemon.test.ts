import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {InvariantError} from '../../../../src/base/index.ts'
import {homePaths} from '../../../../src/client/index.ts'
import {type NodeProcess, runDaemon} from '../../../../src/cluster/index.ts'
import {ensureTokens} from '../../../../src/cluster/run/tokens.ts'
import {temporaryFolder} from '../../storage/folder.ts'
import {nodeOptions} from '../node-options.ts'

const newHome = (): string => join(temporaryFolder(), 'home')

/** As the system would, but to this process's own listeners only. */
const signal = (): boolean => process.emit('SIGTERM')

describe('a node', () => {
  test('ends when it is told to, and leaves its folder to the next one', async () => {
    const home = newHome()
    for (let count = 0; count < 2; count++) {
      const urls: string[] = []
      await runDaemon(nodeOptions(home), {
        onReady: node => {
          urls.push(node.url)
          expect(existsSync(join(home, 'address.json'))).toBe(true)
          setImmediate(signal)
          return undefined
        },
      })
      expect(existsSync(join(home, 'address.json'))).toBe(false)
      await expect(fetch(`${urls[0]}/healthz`)).rejects.toThrow()
    }
    expect(process.listenerCount('SIGTERM')).toBe(0)
  })

  test('ends also while it looks for its master', async () => {
    const options = nodeOptions(newHome(), {isMaster: false, join: 'ws://127.0.0.1:9', joinToken: 'x'})
    setTimeout(signal, 100)
    await runDaemon(options, {onReady: () => expect.unreachable('it is not ready')})
  })

  test('that is not let in ends with what its master said', async () => {
    const home = newHome()
    const refused = Promise.withResolvers<unknown>()
    await runDaemon(nodeOptions(home), {
      onReady: node => {
        const join = {isMaster: false, join: node.url.replace('http', 'ws'), joinToken: 'wrong', name: 'n2'}
        runDaemon(nodeOptions(newHome(), join), {onReady: () => undefined})
          .then(() => refused.resolve(undefined), refused.resolve)
          .finally(() => node.agent !== undefined && signal())
        return undefined
      },
    })
    expect(await refused.promise).toMatchObject({code: 'FORBIDDEN'})
  })

  test('ends with the error when something in it is known to be wrong', async () => {
    const home = newHome()
    const running = runDaemon(nodeOptions(home), {
      onReady: node => {
        void breakAndAsk(node, home)
        return undefined
      },
    })
    await expect(running).rejects.toThrow(InvariantError)
  })
})

async function breakAndAsk({master, url}: NodeProcess, home: string): Promise<void> {
  master!.blobs.ask = async () => {
    throw new InvariantError('a blob is held by its holders')
  }
  const {admin} = ensureTokens(homePaths(home))
  const response = await fetch(`${url}/api/v1/nodes`, {headers: {authorization: `Bearer ${admin}`}})
  expect(response.status).toBe(500)
}
