/**
 * WebAssembly instructions of one function, as bytes: what the generated reader of usual lines needs of them, and no more.
 *
 * It is made while lines wait, by code that runs for the first time: bytes go straight into one array.
 */

export const i32 = 0x7f
export const i64 = 0x7e
export const v128 = 0x7b
export type ValueType = typeof i32 | typeof i64 | typeof v128

/** Those of vectors have a byte in front. */
const vectors = 0xfd

/** Instructions without an operand of their own. */
const operations = {
  select: 0x1b,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32Ne: 0x47,
  i32LtU: 0x49,
  i32GeU: 0x4f,
  i64Eqz: 0x50,
  i64Ne: 0x52,
  i32Ctz: 0x68,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32And: 0x71,
  i32Or: 0x72,
  i32Xor: 0x73,
  i32Shl: 0x74,
  i32ShrU: 0x76,
  i64Clz: 0x79,
  i64Ctz: 0x7a,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64Mul: 0x7e,
  i64And: 0x83,
  i64Or: 0x84,
  i64Xor: 0x85,
  i64Shl: 0x86,
  i64ShrU: 0x88,
  i32WrapI64: 0xa7,
  i64ExtendI32U: 0xad,
  i8x16Eq: 0xfd23,
  i8x16GtS: 0xfd27,
  v128Or: 0xfd50,
  v128Xor: 0xfd51,
  i8x16Bitmask: 0xfd64,
  i8x16Add: 0xfd6e,
} as const
type Operation = keyof typeof operations

/** Loads and stores. None tells an alignment. */
const accesses = {
  i32Load: 0x28,
  i64Load: 0x29,
  i32Load8U: 0x2d,
  i32Store: 0x36,
  i64Store: 0x37,
  v128Load: 0xfd00,
} as const
type Access = keyof typeof accesses

/** A place that a branch goes to: the end of a block or the beginning of a loop. */
export interface Label {
  readonly depth: number
}

export class Code {
  #bytes = new Uint8Array(8192)
  #length = 0
  readonly #parameterCount: number
  readonly #locals: ValueType[] = []
  /** By key: where it lies. */
  readonly #emitted = new Map<string, readonly [from: number, to: number]>()
  #depth = 0

  constructor(parameterCount: number) {
    this.#parameterCount = parameterCount
  }

  /** A new local. */
  local(type: ValueType): number {
    return this.#parameterCount + this.#locals.push(type) - 1
  }

  /** Instructions one behind the other. */
  do(...names: readonly Operation[]): this {
    for (let index = 0; index < names.length; index++) this.#code(operations[names[index]!])
    return this
  }

  /** Emits the same code as the last time with this key: what is done to wide lines is mostly the same a few times. */
  repeatable(key: string, emit: () => void): void {
    const known = this.#emitted.get(key)
    const from = this.#length
    if (known === undefined) {
      emit()
      this.#emitted.set(key, [from, this.#length])
      return
    }
    for (let at = known[0]; at < known[1]; at++) this.#put(this.#bytes[at]!)
  }

  get(local: number): this {
    this.#put(0x20)
    return this.#unsigned(local)
  }

  set(local: number): this {
    this.#put(0x21)
    return this.#unsigned(local)
  }

  tee(local: number): this {
    this.#put(0x22)
    return this.#unsigned(local)
  }

  number(value: number): this {
    this.#put(0x41)
    return this.#signed(value | 0, value >> 31)
  }

  /** A number of 64 bits. */
  wide(low: number, high = low >> 31): this {
    this.#put(0x42)
    return this.#signed(low | 0, high | 0)
  }

  /** A load or a store. */
  access(name: Access, offset = 0): this {
    this.#code(accesses[name])
    this.#put(0)
    return this.#unsigned(offset)
  }

  /** Opens a block whose end is the label. */
  block(): Label {
    return this.#open(0x02)
  }

  /** Opens a loop; a branch to the label begins it anew. */
  loop(): Label {
    return this.#open(0x03)
  }

  /** Opens what is done if the number on the stack is not 0. */
  if(): Label {
    return this.#open(0x04)
  }

  else(): this {
    return this.#put(0x05)
  }

  /** Ends the innermost block, loop or condition. */
  end(): this {
    this.#depth--
    return this.#put(0x0b)
  }

  branch(to: Label): this {
    this.#put(0x0c)
    return this.#unsigned(this.#depth - to.depth)
  }

  branchIf(to: Label): this {
    this.#put(0x0d)
    return this.#unsigned(this.#depth - to.depth)
  }

  call(index: number): this {
    this.#put(0x10)
    return this.#unsigned(index)
  }

  /** The function as the module's code section holds it. */
  body(): Uint8Array {
    const locals = [...unsigned(this.#locals.length), ...this.#locals.flatMap(type => [1, type])]
    const length = locals.length + this.#length + 1
    return Buffer.concat([
      Uint8Array.from([...unsigned(length), ...locals]),
      this.#bytes.subarray(0, this.#length),
      Uint8Array.of(0x0b),
    ])
  }

  #open(opcode: number): Label {
    this.#put(opcode)
    this.#put(0x40)
    this.#depth++
    return {depth: this.#depth}
  }

  #code(opcode: number): void {
    if (opcode > 0xff) this.#put(vectors)
    this.#put(opcode & 0xff)
  }

  #put(byte: number): this {
    if (this.#length === this.#bytes.length) {
      const grown = new Uint8Array(this.#length * 2)
      grown.set(this.#bytes)
      this.#bytes = grown
    }
    this.#bytes[this.#length++] = byte
    return this
  }

  #unsigned(value: number): this {
    let rest = value
    while (rest > 0x7f) {
      this.#put((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    return this.#put(rest)
  }

  /** LEB128 of a number in two halves. */
  #signed(low: number, high: number): this {
    let [rest, above] = [low, high]
    while (above !== rest >> 31 || rest < -64 || rest > 63) {
      this.#put((rest & 0x7f) | 0x80)
      rest = (rest >>> 7) | (above << 25)
      above >>= 7
    }
    return this.#put(rest & 0x7f)
  }
}

/** LEB128. */
export function unsigned(value: number): readonly number[] {
  const bytes: number[] = []
  let rest = value
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  return [...bytes, rest]
}
