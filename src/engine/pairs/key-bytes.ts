/** Keys of pairs as the bytes of group keys: one encoding, one order, for rules with and without functions. */
import type {KeyBuilder} from '../groups/index.ts'

/** @returns a view that the builder's next key overwrites */
export function keyBytesOf(key: readonly string[], builder: KeyBuilder): Uint8Array {
  builder.reset()
  for (let index = 0; index < key.length; index++) builder.add(key[index]!)
  return builder.bytes.subarray(0, builder.length)
}
