/** Plain JSON data, what plans are made of. */
export type Json = null | boolean | number | string | readonly Json[] | {readonly [name: string]: Json}

/** For JSON.stringify: big integers as bare digits, all of them, where it would throw. */
export function bigIntsAsDigits(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? JSON.rawJSON(String(value)) : value
}
