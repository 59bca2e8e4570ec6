/** Where the cluster of a home folder answers: how commands on this machine find it. */
import {mkdirSync, renameSync, writeFileSync} from 'node:fs'
import type {HomePaths} from '../../client/index.ts'

export interface AddressFile {
  readonly url: string
  readonly pid: number
  readonly name: string
  /** What its tasks get to end in when it is stopped: so long it may take, and more. Milliseconds. */
  readonly drainMs: number
}

/** Whole or not at all. Not synced: it is of no use after a crash. */
export function writeAddress(paths: HomePaths, address: AddressFile): void {
  mkdirSync(paths.home, {recursive: true, mode: 0o700})
  const draft = `${paths.address}.${address.pid}`
  writeFileSync(draft, `${JSON.stringify(address)}\n`, {mode: 0o600})
  renameSync(draft, paths.address)
}
