/**
 * 16 times the same byte, from memory: of a constant V8 makes a new one at each use, by three instructions that wait for each other,
 * and keeps none in a register. What is loaded before a loop stays in one.
 */
const bytes = memory.data(64, 16)

export function openVectors(): void {
  v128.store(bytes, i8x16.splat(0x0a))
  v128.store(bytes, i8x16.splat(0x22), 16)
  v128.store(bytes, i8x16.splat(0x0d), 32)
  v128.store(bytes, i8x16.splat(2), 48)
}

@inline
export function newlineBytes(): v128 {
  return v128.load(bytes)
}

@inline
export function quoteBytes(): v128 {
  return v128.load(bytes, 16)
}

@inline
export function returnBytes(): v128 {
  return v128.load(bytes, 32)
}

/** Bytes with the number 2. */
@inline
export function twoBytes(): v128 {
  return v128.load(bytes, 48)
}
