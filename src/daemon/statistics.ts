/** Statistics that `ddfs chunk` and `ddfs watch` put into the footers of chunks. */
import {setImmediate as nextTurn} from 'node:timers/promises'
import {type Json, printable, UserError} from '../base/index.ts'
import {chunkFacts} from '../engine/index.ts'
import {factsJson, parsePath} from '../rules/index.ts'

/** Each is looked up in each record, and takes room in each footer. */
const statisticsFieldsMax = 8
const fieldNameCharsMax = 200

/** The fields that `--statistics` names: `time,host`. @throws UserError BAD_FLAG */
export function statisticsFields(texts: readonly string[] = []): readonly string[] {
  const names = [...new Set(texts.flatMap(text => text.split(',').map(name => name.trim())))]
  if (names.length > statisticsFieldsMax)
    throw badFlag(`--statistics takes ${statisticsFieldsMax} fields at most, not ${names.length}`)
  for (const name of names) {
    if (name === '') throw badFlag('--statistics has an empty name of a field')
    if (name.length > fieldNameCharsMax || parsePath(name)[0] !== name)
      throw badFlag(`--statistics takes fields of the record itself, not "${printable(name)}"`)
  }
  return names
}

/** @returns what makes the statistics of a chunk of JSON lines; undefined without fields */
export function statisticsMaker(
  names: readonly string[],
): ((bytes: Uint8Array) => Promise<Json | undefined>) | undefined {
  if (names.length === 0) return undefined
  return async bytes => {
    const facts = await chunkFacts(bytes, names, nextTurn)
    return facts === undefined ? undefined : factsJson(facts)
  }
}

const badFlag = (message: string): UserError => new UserError('BAD_FLAG', message, {exitCode: 2})
