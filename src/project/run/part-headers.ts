/** Rows as other rules read them: by the names of their parts. */
import type {Plan} from '../../rules/index.ts'
import type {KeysetHeader} from '../../sinks/index.ts'
import {headersOf} from './run-rule.ts'

/** Headers with the parts' own names instead of those that columnMappings gives them. */
export function partHeaders(plan: Plan): KeysetHeader[] {
  return headersOf(plan).map((header, index) => {
    const {keyParts, values, extraColumns} = plan.keysets[index]!
    const columns = [...keyParts.map(part => part.name), ...values.map(value => value.column), ...extraColumns]
    return {...header, columns}
  })
}
