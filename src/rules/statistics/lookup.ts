/** What is known of the field that a path reads. */
import {parsePath} from '../paths.ts'
import type {ChunkFacts, FieldFacts} from './facts.ts'

const absent: FieldFacts = {values: [], isOptional: true}

/** @returns undefined when nothing is known */
export function factsOf({fields, names}: ChunkFacts, path: string): FieldFacts | undefined {
  const [first = path, ...inner] = parsePath(path)
  const known = inner.length === 0 ? fields.get(path) : undefined
  if (known !== undefined) return known
  // A field that has the path's very name wins; a record without it may have one inside of another.
  const isAbsent = names !== undefined && !names.has(path) && !names.has(first)
  return isAbsent ? absent : undefined
}
