/** The ad logs as CSV with a header: the same records, quoted as in Excel (search terms hold quotes and line breaks). */
import {readFileSync, rmSync} from 'node:fs'
import {writeAdLogs} from '../../scripts/ad-logs.mjs'
import {writeLines} from './line-file.mjs'

/** Fields of the ad logs in the order of the file. */
export const adFields = ['time', 'domain', 'campaign_id', 'search_term', 'size', 'ip_address', 'price', 'clicked']
/** Average bytes of a CSV line, to turn a size into lines. */
const csvLineBytes = 101

/** Writes about `bytes`; the records are those that `writeAdLogs` makes of the same seed and number of lines. */
export function writeAdCsv(path, bytes, seed) {
  const jsonPath = `${path}.ndjson`
  const lines = Math.max(1, Math.floor(bytes / csvLineBytes))
  try {
    writeAdLogs({path: jsonPath, lines, seed, dirty: 0})
    const json = readFileSync(jsonPath)
    let offset = 0
    let isHeader = true
    writeLines(path, Number.POSITIVE_INFINITY, () => {
      if (isHeader) {
        isHeader = false
        return adFields.join(',')
      }
      if (offset >= json.length) return undefined
      const end = json.indexOf(10, offset)
      const line = csvLine(json.latin1Slice(offset, end))
      offset = end + 1
      return line
    })
  } finally {
    rmSync(jsonPath, {force: true})
  }
}

/** Prices keep their digits as written: 0.50 stays 0.50. */
function csvLine(line) {
  const record = JSON.parse(line)
  const price = line.slice(line.lastIndexOf('"price":') + 8, line.lastIndexOf(',"clicked"'))
  return adFields.map(name => (name === 'price' ? price : cell(String(record[name])))).join(',')
}

function cell(text) {
  return /["\r\n,]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
