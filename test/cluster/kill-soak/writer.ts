/**
 * A writer of the kill soak, a process of its own: pushes blob after blob and notes in a file, before and after, what it does.
 *
 *     node writer.ts '{"url":…,"token":…,"history":…,"writer":1,"from":0,"tagCount":16,"seed":1}'
 *
 * It goes on until it is killed, or `pushCount` are acknowledged. A push that failed is tried again under the same name.
 */
import {closeSync, openSync, writeSync} from 'node:fs'
import {setTimeout as sleep} from 'node:timers/promises'
import {seededRandom} from '../../../src/base/index.ts'
import {ClusterClient} from '../../../src/client/index.ts'
import {contentOf, pushContent} from '../kit/content.ts'

export interface WriterOrder {
  readonly url: string
  readonly token: string
  readonly history: string
  readonly writer: number
  /** Number of the first push. */
  readonly from: number
  readonly pushCount: number
  readonly tagCount: number
  readonly seed: number
}

export interface HistoryLine {
  readonly type: 'start' | 'ok' | 'failed'
  readonly tag: string
  readonly name: string
  readonly seed: number
  readonly bytes: number
  readonly atMs: number
  readonly message?: string
}

const bytesMin = 4 << 10
const bytesMax = 256 << 10
/** Between two tries of one push. Milliseconds. */
const retryMs = 100

async function write(order: WriterOrder): Promise<void> {
  const {url, token, history, writer, from, pushCount, tagCount, seed} = order
  const file = openSync(history, 'a')
  const client = new ClusterClient({url, token, ca: undefined})
  // One write a line: whole or not there, also when this process is killed.
  const note = (line: Omit<HistoryLine, 'atMs'>): void => {
    writeSync(file, `${JSON.stringify({...line, atMs: Date.now()})}\n`)
  }
  for (let number = from; number < pushCount; number++) {
    const random = seededRandom(seed * 1_000_003 + writer * 100_003 + number)
    const push = {
      tag: `soak:${random.int(tagCount)}`,
      name: `w${writer}-${number}`,
      seed: random.int(2 ** 31),
      bytes: bytesMin + random.int(bytesMax - bytesMin),
    }
    const content = contentOf(push.seed, push.bytes)
    note({type: 'start', ...push})
    for (;;) {
      try {
        await pushContent(client, push.tag, push.name, content)
        break
      } catch (error) {
        note({type: 'failed', ...push, message: error instanceof Error ? error.message : String(error)})
        await sleep(retryMs)
      }
    }
    note({type: 'ok', ...push})
  }
  client.close()
  closeSync(file)
}

await write(JSON.parse(process.argv[2] ?? '') as WriterOrder)
