import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {MemoryTagStore} from '../../../src/ddfs/memory-tag-store.ts'
import type {TagStore} from '../../../src/ddfs/tag-store.ts'
import {openTagStore} from '../../../src/storage/index.ts'

export interface StoreUnderTest {
  readonly store: TagStore
  close(): void
}

export const stores: readonly {readonly name: string; open(): Promise<StoreUnderTest>}[] = [
  {
    name: 'memory',
    open: async () => {
      const store = new MemoryTagStore()
      return {store, close: () => store.close()}
    },
  },
  {
    name: 'SQLite',
    open: async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tags-'))
      const {store} = await openTagStore(join(folder, 'tags.sqlite'))
      const close = (): void => {
        store.close()
        rmSync(folder, {recursive: true})
      }
      return {store, close}
    },
  },
]
