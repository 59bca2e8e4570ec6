/** What has no exact equal in SQL. Thrown while compiling, caught where the whole plan is compiled. */
export class Refused extends Error {
  override readonly name = 'Refused'
}

/** Of what could have an equal query, but has none yet. */
export const notYet = 'it is not translated yet'

/** @param what - the part of the plan, as people know it @param why - what no query can do with it; both are shown */
export function refuse(what: string, why: string): never {
  throw new Refused(`${what}: ${why}`)
}
