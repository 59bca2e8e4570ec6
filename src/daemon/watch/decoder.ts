import type {Transform} from 'node:stream'
import {createGunzip, createZstdDecompress} from 'node:zlib'
import type {Codec} from '../../protocol/index.ts'

/** Pieces of decoded text, bytes: large ones cost fewer turns. */
const pieceBytes = 1 << 20

/** How a file is compressed, by its first four bytes, whatever its name says. */
export function codecOf(begin: Uint8Array): Codec {
  if (begin[0] === 0x1f && begin[1] === 0x8b) return 'gzip'
  const isZstd = begin[0] === 0x28 && begin[1] === 0xb5 && begin[2] === 0x2f && begin[3] === 0xfd
  return isZstd ? 'zstd' : 'plain'
}

/** Compressed bytes in, text out, in pieces of at most `pieceBytes`. */
export function openDecoder(codec: Exclude<Codec, 'plain'>): Transform {
  return codec === 'gzip' ? createGunzip({chunkSize: pieceBytes}) : createZstdDecompress({chunkSize: pieceBytes})
}
