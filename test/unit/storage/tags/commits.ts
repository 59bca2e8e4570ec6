import {createHash} from 'node:crypto'
import type {BlobEntry, StoreRequest} from '../../../../src/protocol/index.ts'

export const blobOf = (text: string): string => createHash('sha256').update(text).digest('hex')

export function entryOf(text: string): BlobEntry {
  return {type: 'blob', blob: blobOf(text), name: text, bytes: text.length}
}

/** The append that makes version `counter` of a tag. */
export function appendOf(tag: string, counter: number, entries: readonly BlobEntry[]): StoreRequest {
  return {
    type: 'commit',
    epoch: 1,
    commit: {
      tag,
      ...(counter > 1 && {base: {epoch: 1, counter: counter - 1}}),
      next: {epoch: 1, counter},
      change: {type: 'append', entries, unique: 'entry'},
      placement: {replicas: ['n1'], replicaCount: 1},
      atMs: counter,
      by: 'test',
    },
  }
}
