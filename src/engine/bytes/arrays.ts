/** Typed arrays of another length with the same content; the old ones are given back at once, not when garbage is collected. */

export type Floats = Float64Array<ArrayBuffer>
export type Words = Uint32Array<ArrayBuffer>
export type Bytes = Uint8Array<ArrayBuffer>

/** `length` counts numbers, new ones are 0. `array` is empty afterwards, and so is every other view of its buffer. */
export function resizedFloats(array: Floats, length: number): Floats {
  return new Float64Array(array.buffer.transfer(length * 8))
}

/** As resizedFloats. */
export function resizedWords(array: Words, length: number): Words {
  return new Uint32Array(array.buffer.transfer(length * 4))
}

/** As resizedFloats. */
export function resizedBytes(array: Bytes, length: number): Bytes {
  return new Uint8Array(array.buffer.transfer(length))
}

/** Fills a list up to `length`, so that it stays without holes. */
export function fillUp<T>(list: (T | undefined)[], length: number): void {
  while (list.length < length) list.push(undefined)
}

/** Forgets what a list holds, and gives back what is longer than an emptied array. */
export function emptyList<T>(list: (T | undefined)[]): void {
  if (list.length > emptiedLengthMax) list.length = emptiedLengthMax
  for (let index = 0; index < list.length; index++) list[index] = undefined
}

/** Length that an emptied array keeps at most: room for merging group by group, too little to hold memory back. */
export const emptiedLengthMax = 1024

/**
 * An array of zeros in place of one that is no longer needed, which is given back when it is large. A merge empties the
 * arrays of one group once a group: then it is one store.
 */
export function emptiedFloats(array: Floats, lengthMax: number = emptiedLengthMax): Floats {
  if (array.length === 1) {
    array[0] = 0
    return array
  }
  if (array.length <= lengthMax) return array.fill(0)
  array.buffer.transfer(0)
  return new Float64Array(lengthMax)
}

/** As emptiedFloats, up to emptiedLengthMax. */
export function emptiedWords(array: Words): Words {
  if (array.length === 1) {
    array[0] = 0
    return array
  }
  if (array.length <= emptiedLengthMax) return array.fill(0)
  array.buffer.transfer(0)
  return new Uint32Array(emptiedLengthMax)
}

/** As emptiedFloats, up to emptiedLengthMax. */
export function emptiedBytes(array: Bytes): Bytes {
  if (array.length === 1) {
    array[0] = 0
    return array
  }
  if (array.length <= emptiedLengthMax) return array.fill(0)
  array.buffer.transfer(0)
  return new Uint8Array(emptiedLengthMax)
}
