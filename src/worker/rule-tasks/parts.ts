/** Partials that go with a merge under names of their own, so that nothing of them is copied. */
import {linkSync} from 'node:fs'
import {join} from 'node:path'
import {errorCodeOf} from '../../base/index.ts'
import {partBytesMin, partsMax} from './limits.ts'
import type {Partial} from './read-partial.ts'

export interface PartFile {
  /** Name in the task's folder. */
  readonly file: string
  readonly bytes: number
}

/** One for a merge. Small partials are no parts (partBytesMin), nor any past partsMax. */
export class Parts {
  readonly files: PartFile[] = []
  readonly #folder: string
  readonly #numbers = new Map<Partial, number | undefined>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** @returns the number of the part that the partial is; undefined: it is none, and has to be copied */
  numberOf(partial: Partial): number | undefined {
    if (!this.#numbers.has(partial)) this.#numbers.set(partial, this.#add(partial))
    return this.#numbers.get(partial)
  }

  #add({path, bytes}: Partial): number | undefined {
    if (bytes < partBytesMin || this.files.length >= partsMax) return undefined
    const file = `part-${this.files.length}`
    try {
      linkSync(path, join(this.#folder, file))
    } catch (error) {
      // Some file systems have no second names.
      if (errorCodeOf(error) === '') throw error
      return undefined
    }
    return this.files.push({file, bytes}) - 1
  }
}
