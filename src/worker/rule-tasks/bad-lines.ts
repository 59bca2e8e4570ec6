/** Bad lines of a partial, as those of a run in this process. */
import type {BadLine} from '../part-accounts.ts'
import {linesOf} from '../part-accounts.ts'
import type {Partial} from './read-partial.ts'

/** In the order of inputs. */
export function* badLinesOf({path, bad}: Pick<Partial, 'path' | 'bad'>): Generator<BadLine> {
  for (const {name, from, end} of bad) {
    for (const text of linesOf(path, {from, end})) {
      if (text !== '') yield {file: name, ...(JSON.parse(text) as Omit<BadLine, 'file'>)}
    }
  }
}
