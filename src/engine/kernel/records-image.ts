/** What small records are made of, as the kernel reads it from its memory. */
import type {KernelPiece, KernelRecords} from './kernel-records.ts'
import type {Image, NameTree} from './plan-image.ts'

const pieceBytes = 24
const ops: readonly KernelPiece['piece'][] = ['value', 'open', 'close']

/** Returns the address of the pieces. */
export function writePieces(
  image: Image,
  {pieces, refused}: KernelRecords,
  names: NameTree,
  slotOf: (field: number) => number,
): number {
  for (const name of refused) names.refuse(name)
  const at = image.reserve(Math.max(1, pieces.length) * pieceBytes)
  for (const [index, piece] of pieces.entries()) {
    const text = new TextEncoder().encode(textOf(piece))
    const textAt = image.append(text)
    const slot =
      piece.piece === 'value' ? slotOf(piece.field) : piece.piece === 'open' ? names.objectBitOf(piece.segments) : 0
    image.words(at + index * pieceBytes, [
      ops.indexOf(piece.piece),
      slot,
      image.addressOf(textAt),
      text.length,
      image.addressOf(at + endOf(pieces, index) * pieceBytes),
      0,
    ])
  }
  return image.addressOf(at)
}

function textOf(piece: KernelPiece): string {
  if (piece.piece === 'close') return '}'
  return `${JSON.stringify(piece.name)}:${piece.piece === 'open' ? '{' : ''}`
}

/** The index behind an object that begins at `index`. */
function endOf(pieces: readonly KernelPiece[], index: number): number {
  let depth = 0
  for (let place = index; place < pieces.length; place++) {
    const {piece} = pieces[place]!
    depth += piece === 'open' ? 1 : piece === 'close' ? -1 : 0
    if (depth === 0) return place + 1
  }
  return pieces.length
}
