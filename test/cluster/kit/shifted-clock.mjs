// Loaded before a program (`--import`): its wall clock is ahead by the milliseconds that the file DISCO_TEST_CLOCK holds. The steady clock
// goes on as it did, like on a machine whose time is set while programs run.
import {readFileSync} from 'node:fs'

const file = process.env.DISCO_TEST_CLOCK
/** Milliseconds between two looks at the file. */
const lookMs = 20
const RealDate = globalThis.Date
let lookedMs = -Infinity
let aheadMs = 0

function now() {
  if (file !== undefined && performance.now() - lookedMs >= lookMs) {
    lookedMs = performance.now()
    try {
      aheadMs = Number(readFileSync(file, 'utf8'))
    } catch {
      // Nobody has set it yet.
    }
  }
  return RealDate.now() + aheadMs
}

globalThis.Date = class ShiftedDate extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [now()] : given))
  }

  static now() {
    return now()
  }
}
