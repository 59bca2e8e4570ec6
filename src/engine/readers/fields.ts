import type {Parts} from '../../rules/index.ts'

/** Sets a field whose name comes from the data: `__proto__` becomes a field like any other. */
export function setField(parts: Parts, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(parts, name, {value, writable: true, enumerable: true, configurable: true})
  else parts[name] = value
}

/**
 * Makes records that all have the same fields: one hidden class, whatever is missing is null.
 *
 * Of two fields with one name the last one counts.
 */
export class RecordShape {
  readonly #template: Parts = {}
  /** Array indexes stand as numbers: names like `0` are faster to set that way. */
  readonly #keys: (string | number)[] = []
  /** For each key the place of its cell. */
  readonly #places: number[] = []

  constructor(names: readonly string[]) {
    const lastPlace = new Map(names.map((name, place) => [name, place]))
    for (const [name, place] of lastPlace) {
      setField(this.#template, name, null)
      this.#keys.push(/^(?:0|[1-9]\d{0,8})$/.test(name) ? Number(name) : name)
      this.#places.push(place)
    }
  }

  /** @param count - how many of the cells are filled */
  record(cells: readonly unknown[], count: number): Parts {
    // The copy owns a field `__proto__` if there is one, so that setting it is safe.
    const parts: Record<string | number, unknown> = {...this.#template}
    for (let index = 0; index < this.#keys.length; index++) {
      const place = this.#places[index]!
      if (place < count) parts[this.#keys[index]!] = cells[place]
    }
    return parts
  }
}
