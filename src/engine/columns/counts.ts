import {emptiedFloats, type Floats, resizedFloats} from '../bytes/index.ts'

/** One count per group, up to 2^53. */
export class Counts {
  values: Floats = new Float64Array(0)

  get bytes(): number {
    return this.values.byteLength
  }

  grow(capacity: number): void {
    if (capacity > this.values.length) this.values = resizedFloats(this.values, capacity)
  }

  clear(): void {
    this.values = emptiedFloats(this.values)
  }
}
