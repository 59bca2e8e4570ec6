/** All invariants of a state, in one function. */
import {assert} from '../../base/index.ts'
import type {WatchState} from './state.ts'

/** @throws InvariantError */
export function checkState(state: WatchState): void {
  for (const [id, {row, textBytes}] of state.files) {
    assert(row.id === id && id < state.nextId, `file ${id} has its number`)
    if (row.identity !== undefined)
      assert(state.byIdentity.get(row.identity) === id, `inode of ${row.path} leads to it`)
    else assert(row.goneAtMs !== undefined, `${row.path} has no inode and is gone`)
    if (state.pending.has(id)) assert(textBytes > row.offset, `${row.path} has text behind ${row.offset}`)
    if (state.pending.has(id)) assert(row.goneAtMs === undefined, `${row.path} is there to be read`)
  }
  for (const [identity, id] of state.byIdentity) {
    assert(state.files.get(id)?.row.identity === identity, `inode ${identity} belongs to file ${id}`)
  }
  for (const id of [...state.pending, ...state.doubted.keys(), ...state.missing.keys()]) {
    assert(state.files.has(id), `file ${id} is known`)
  }
  for (const [path, held] of state.held) {
    assert(!state.unknown.has(path), `${path} is held or unknown, not both`)
    assert(state.files.get(held.file)?.row.goneAtMs === undefined, `the original of ${path} is there`)
  }
  if (state.intent !== undefined) {
    const file = state.files.get(state.intent.file)
    assert(file !== undefined && file.row.offset >= state.intent.to, 'the file of the open chunk stands behind it')
  }
  assert(state.busy?.type !== 'push' || state.intent !== undefined, 'what is pushed is intended')
}
