/** A WebAssembly module around generated functions: it has no memory of its own, and calls functions of the module it is made for. */
import {type Code, i32, unsigned} from './code.ts'

export interface ImportedFunction {
  readonly name: string
  readonly parameterCount: number
}

export interface GeneratedFunction extends ImportedFunction {
  readonly code: Code
}

type Bytes = readonly number[] | Uint8Array

/**
 * @param imports - of the import module `kernel`, beside its `memory`; they are functions number 0 and up in the code
 * @returns the module, which exports the functions by their names
 */
export function moduleBytes(imports: readonly ImportedFunction[], functions: readonly GeneratedFunction[]): Uint8Array {
  const exported = functions.map(({name}, index) => [...text(name), 0, ...unsigned(imports.length + index)])
  const imported = imports.map(({name}, index) => [...text('kernel'), ...text(name), 0, ...unsigned(index)])
  return joined([
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, [...imports, ...functions].map(functionType)),
    section(2, [[...text('kernel'), ...text('memory'), 2, 0, 0], ...imported]),
    section(
      3,
      functions.map((_, index) => unsigned(imports.length + index)),
    ),
    section(7, exported),
    section(
      10,
      functions.map(({code}) => code.body()),
    ),
  ])
}

/** Numbers of 32 bits in, one out: all functions here are of that kind. */
function functionType({parameterCount}: ImportedFunction): Bytes {
  return [0x60, parameterCount, ...Array.from({length: parameterCount}, () => i32), 1, i32]
}

function section(id: number, items: readonly Bytes[]): Bytes {
  const count = unsigned(items.length)
  const length = items.reduce((sum, item) => sum + item.length, count.length)
  return joined([[id, ...unsigned(length)], count, ...items])
}

function joined(pieces: readonly Bytes[]): Uint8Array {
  return Buffer.concat(pieces.map(piece => (piece instanceof Uint8Array ? piece : Uint8Array.from(piece))))
}

function text(name: string): readonly number[] {
  return [...unsigned(name.length), ...Buffer.from(name)]
}
