/** Batches of CSV records (csv-batch.ts), added to groups. */
import {addBatch} from './add-batch'
import {fits, isFull} from './aggregates'
import {addFiltered, addLines, addUsed, countLine} from './counts'
import {recordEnd} from './csv'
import {batchAreas, batchRecords, cutBatch, hashBatch, isByColumn, readBatch} from './csv-batch'
import {takeRecords} from './csv-records'
import {clearDecoded} from './escapes'
import {arenaBytes} from './groups'
import {areasAt, Keyset, keysetBytes, Plan, planAt} from './layout'
import {filtered, partFits} from './line-fits'
import {dropPairs, hashValue, judge} from './pairs'

const plan = changetype<Plan>(planAt)

/**
 * Adds batches of CSV up to a record that takes more than they do.
 *
 * @param arenaBytesMax - bytes of groups past which it stops, too
 * @returns where that is
 */
export function scanBatches(from: usize, to: usize, arenaBytesMax: usize): usize {
  let at = from
  while (at < to && !isFull && readBatch(at, to)) {
    if (isByColumn) hashAreas()
    else judgeAreas()
    if (batchRecords == 0) break
    addFiltered(batchRecords - batchAreas)
    addLines(takeRecords(batchRecords))
    at = recordEnd
    addBatch(batchAreas)
    if (arenaBytes() > arenaBytesMax) break
  }
  clearDecoded()
  return at
}

/** Hashes the keys of a batch of records that all count. */
function hashAreas(): void {
  let address = <usize>plan.keysets
  for (let left = plan.keysetCount; left != 0; left--) {
    hashBatch(changetype<Keyset>(address))
    address += keysetBytes
  }
  for (let left = plan.tableCount - plan.keysetCount; left != 0; left--) {
    for (let place: u32 = 0; place < batchAreas; place++) {
      hashValue(changetype<Keyset>(address), areasAt + <usize>place * <usize>plan.areaBytes)
    }
    address += keysetBytes
  }
  addUsed(batchAreas)
}

/** Does the rest for each record of a batch, up to one that is not for the groups as they are. */
function judgeAreas(): void {
  for (let index: u32 = 0; index < batchAreas; index++) {
    const area = areasAt + <usize>index * <usize>plan.areaBytes
    const fit = partFits(area)
    if (fit == fits) {
      countLine(judge(area))
    } else if (fit == filtered) {
      addFiltered(1)
      dropPairs(index, index + 1)
    } else {
      cutBatch(index)
    }
  }
}
