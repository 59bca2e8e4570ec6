import {createHash} from 'node:crypto'
import {onTestFinished} from 'vitest'
import type {BlobReport} from '../../../../src/protocol/index.ts'
import {type BlobStore, type BlobStoreOptions, openBlobStore} from '../../../../src/storage/index.ts'
import {temporaryFolder} from '../folder.ts'

export {bytesOf, streamOf} from './made-bytes.ts'

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Clocks that stand still until a test moves them. */
export class TestClock {
  wallMs = 1_800_000_000_000
  runningMs = 0
  nowMs(): number {
    return this.wallMs
  }
  monotonicMs(): number {
    return this.runningMs
  }
}

export interface TestStore {
  readonly store: BlobStore
  readonly folder: string
  readonly clock: TestClock
  /** What the store told: `corrupt <id>`, `missing <id>`, `adopted <id>`. */
  readonly told: string[]
  /** Files of blobs that it wrote. */
  readonly written: readonly string[]
  readonly broken: readonly {readonly path: string; readonly message: string}[]
}

export async function openTestStore(options: Partial<BlobStoreOptions> = {}): Promise<TestStore> {
  const folder = options.folder ?? temporaryFolder()
  const clock = new TestClock()
  const told: string[] = []
  const written: string[] = []
  const {store, broken} = await openBlobStore({
    node: 'n1',
    folder,
    reserveBytes: 0,
    clock,
    events: {
      onGone: (blobs, reason) => told.push(...blobs.map(blob => `${reason} ${blob}`)),
      onAdopted: ({blob}: BlobReport) => told.push(`adopted ${blob}`),
      onWritten: path => written.push(path),
    },
    ...options,
  })
  onTestFinished(() => store.close())
  return {store, folder, clock, told, written, broken}
}

export async function readAll(store: BlobStore, blob: string, range: {start?: number; end?: number} = {}) {
  await using opened = await store.open(blob)
  if (opened === undefined) return undefined
  const pieces: Buffer[] = []
  for await (const piece of opened.read(range)) pieces.push(piece)
  return Buffer.concat(pieces)
}
