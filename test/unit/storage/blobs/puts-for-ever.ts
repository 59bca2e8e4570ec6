/** Stores blobs until it is killed, and prints the id of each that was acknowledged. Argument: the node's folder. */
import {openBlobStore} from '../../../../src/storage/index.ts'
import {bytesOf, streamOf} from './made-bytes.ts'

const ignored = (): undefined => undefined
const events = {onGone: ignored, onAdopted: ignored, onWritten: ignored}
const {store} = await openBlobStore({node: 'n1', folder: process.argv[2]!, reserveBytes: 0, events})

async function putForEver(seed: number): Promise<never> {
  for (; ; seed += 3) {
    const {blob} = await store.put(streamOf(bytesOf(5000 + (seed % 7) * 300_000, seed)))
    process.stdout.write(`${blob}\n`)
  }
}
const first = Number(process.argv[3])
await Promise.all([putForEver(first), putForEver(first + 1), putForEver(first + 2)])
