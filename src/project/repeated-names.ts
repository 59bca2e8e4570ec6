/** Columns of a CSV file with one name: a record has the last one, and the others are not seen. */
import type {Plan} from '../rules/index.ts'
import {readFields} from '../rules/index.ts'
import {findInputs, firstBytesOf} from '../worker/index.ts'
import {repeatedNames} from './infer/guess-format.ts'
import {headerBytes} from './limits.ts'

export interface RepeatedNames {
  readonly file: string
  /** Not empty. */
  readonly names: readonly string[]
}

/**
 * Looks at the header of the first input for names that stand there more than once and that the rule reads: any, when functions read
 * whole records.
 *
 * @param inputs - as they were named; a pipe is not looked at, its beginning is gone
 * @throws UserError INPUT_NOT_FOUND, INPUT_UNREADABLE
 */
export async function findRepeatedNames(plan: Plan, inputs: readonly string[]): Promise<RepeatedNames | undefined> {
  const {format} = plan
  if (format.format !== 'csv' || format.fields !== 'header') return undefined
  const [file] = findInputs(inputs.filter(input => input !== '-')).files.filter(({bytes}) => bytes !== 0)
  if (file?.path === undefined || file.bytes === undefined) return undefined
  const {fields} = readFields(plan)
  const names = repeatedNames(await firstBytesOf(file, headerBytes), format.delimiter)
  const read = names.filter(name => fields === null || fields.includes(name))
  return read.length === 0 ? undefined : {file: file.name, names: read}
}
