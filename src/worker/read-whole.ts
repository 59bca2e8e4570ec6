import {readSync} from 'node:fs'

/** Reads at a place of a file until the bytes are full or the file ends. Returns how many it read. */
export function readWhole(file: number, into: Uint8Array, position: number): number {
  let done = 0
  while (done < into.byteLength) {
    const count = readSync(file, into, done, into.byteLength - done, position + done)
    if (count === 0) break
    done += count
  }
  return done
}
