/**
 * Writes larger files for the templates `election` and `access-log`, with invented people and reserved addresses.
 *
 *     node scripts/sample-logs.mjs --kind election --lines 1000000 --seed 1 --out P00000001-ALL.txt
 *     node scripts/sample-logs.mjs --kind access --lines 1000000 --seed 1 --out access.log
 *
 * The same arguments give the same bytes on every machine. Runs on Node 20 and newer, without dependencies.
 */
import {closeSync, openSync, writeSync} from 'node:fs'
import {pathToFileURL} from 'node:url'
import {parseArgs} from 'node:util'
import {seededBits, skewed} from './ad-logs.mjs'

/** Characters collected before a write. */
const writeChars = 1024 * 1024

/**
 * Writes a file of the given kind, replacing what was there.
 *
 * @param {{kind: 'election' | 'access', path: string, lines: number, seed?: number}} options - `lines` counts records;
 *   an election file has its header line besides
 * @returns {{bytes: number, lines: number}} what was written
 */
export function writeSampleLogs({kind, path, lines, seed = 1}) {
  if (!Number.isSafeInteger(lines) || lines < 0) throw new RangeError(`lines must be a whole number, not ${lines}`)
  const makeSource = sources[kind]
  if (makeSource === undefined) throw new RangeError(`kind must be election or access, not ${kind}`)
  const source = makeSource(seededBits(seed), lines)
  const file = openSync(path, 'w')
  let text = source.header
  let bytes = 0
  const flush = () => {
    const buffer = Buffer.from(text)
    for (let offset = 0; offset < buffer.length; ) offset += writeSync(file, buffer, offset)
    bytes += buffer.length
    text = ''
  }
  try {
    for (let index = 0; index < lines; index++) {
      text += source.line(index)
      if (text.length >= writeChars) flush()
    }
    flush()
  } finally {
    closeSync(file)
  }
  return {bytes, lines}
}

const sources = {election: electionSource, access: accessSource}

function electionSource(random) {
  const pick = items => items[random() % items.length]
  // The first spelling is the usual one, the others are slips that a rule has to bring together.
  const candidates = [
    ['P00000011', 'C00000101', ['Harper, Alice B.', 'HARPER, ALICE B']],
    ['P00000022', 'C00000202', ['Okafor, Daniel', 'Okafor,  Daniel']],
    ['P00000033', 'C00000303', ['Lindqvist, Karin', 'LINDQVIST, KARIN']],
    ['P00000044', 'C00000404', ["O'Marsh, Tom", 'O MARSH, TOM']],
    ['P00000055', 'C00000505', ['Beland, Zoe', 'BELAND, ZOE']],
    ['P00000066', 'C00000606', ['Silva, Beatriz "Bia"', 'SILVA, BEATRIZ BIA']],
  ]
  const states = 'CA TX NY FL IL MA VA WA PA OH GA NJ MI NC CO MD AZ MN CT TN MO WI OR IN AL SC LA NV KY OK'.split(' ')
  const cities = 'SPRINGFIELD,RIVERTON,FAIRVIEW,GEORGETOWN,GREENVILLE,MADISON,CLINTON,SALEM,ASHLAND,OXFORD'.split(',')
  const lastNames = 'MOSS,DIAZ,CHEN,BERG,IVERSEN,SILVA,KAYA,NGUYEN,ROSSI,PATEL,MEYER,DUBOIS,KOVAC,HALL,WARD'.split(',')
  const firstNames = 'JONAH,RUTH,LI,TOVE,PER,BIA,EMRE,ANH,GIA,RAJ,UTE,LUC,ANA,MAX,IDA'.split(',')
  const occupations = [
    'RETIRED',
    'ATTORNEY',
    'Attorney at Law',
    'INFORMATION REQUESTED',
    'PHYSICIAN',
    'SELF-EMPLOYED',
    'HOMEMAKER',
    'TEACHER',
    'RANCHER',
    'ENGINEER',
    'CEO/OWNER',
    'Writer & Editor',
    '',
    'STUDENT',
    'CONSULTANT',
  ]
  const employers = ['RETIRED', 'SELF', 'HILL & DIAZ, LLP', 'STATE OF OHIO', '', 'ACME "NORTH" INC', 'NONE']
  const months = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ')
  const amounts = ['25', '50', '100', '250', '500', '1000', '2500', '35.5', '19.99', '75']
  const candidateChoice = skewed(candidates.length)
  const stateChoice = skewed(states.length)
  const occupationChoice = skewed(occupations.length)
  const cell = text => (text === '' ? '""' : `"${text.replaceAll('"', '""')}"`)
  return {
    header:
      'cmte_id,cand_id,cand_nm,contbr_nm,contbr_city,contbr_st,contbr_zip,contbr_employer,contbr_occupation,' +
      'contb_receipt_amt,contb_receipt_dt,receipt_desc,memo_cd,memo_text,form_tp,file_num,tran_id,election_tp\n',
    line(index) {
      const [candidate, committee, spellings] = candidates[candidateChoice[random() >>> 16]]
      const rare = random() % 100
      const isRefund = rare === 0
      const isMemo = rare === 1
      const date = `${String(1 + (random() % 28)).padStart(2, '0')}-${pick(months)}-${pick(['11', '12'])}`
      const zip = String(10_000_000 + (random() % 989_999_999)).padStart(9, '0')
      return `${[
        committee,
        cell(candidate),
        cell(spellings[random() % 12 === 0 ? 1 : 0]),
        cell(`${pick(lastNames)}, ${pick(firstNames)}`),
        cell(pick(cities)),
        cell(states[stateChoice[random() >>> 16]]),
        cell(zip),
        cell(pick(employers)),
        cell(occupations[occupationChoice[random() >>> 16]]),
        (isRefund ? '-' : '') + pick(amounts),
        date,
        cell(isRefund ? 'Refund' : ''),
        cell(isMemo ? 'X' : ''),
        cell(isMemo ? '* EARMARKED: SEE BELOW' : ''),
        cell(isRefund ? 'SB28A' : isMemo ? 'SA18' : 'SA17A'),
        cell(String(700_000 + Math.floor(index / 10_000))),
        cell(`T${String(index).padStart(9, '0')}`),
        cell(pick(['P2012', 'P2012', 'G2012'])),
      ].join(',')},\n`
    },
  }
}

function accessSource(random, lines) {
  const pick = items => items[random() % items.length]
  const dayStartMs = 1_330_905_600_000 // 2012-03-05T00:00:00Z
  const dayMs = 86_400_000
  const paths = ['/', '/search', '/style.css', '/login', '/cart', '/orders', '/favicon.ico', '/about', '/robots.txt']
  while (paths.length < 400) paths.push(`/products/${1000 + paths.length}`)
  const pathChoice = skewed(paths.length)
  const words = 'tires shoes garden phone puppy recipe ticket laptop'.split(' ')
  const agents = [
    'Mozilla/5.0 (X11; Linux x86_64; rv:10.0) Gecko/20100101 Firefox/10.0',
    'Mozilla/5.0 (Windows NT 6.1) AppleWebKit/535.11 (KHTML, like Gecko) Chrome/17.0 Safari/535.11',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 5_0 like Mac OS X) AppleWebKit/534.46',
    'bot \\"quick\\" 1.0',
    'curl/7.24.0',
    '-',
  ]
  const agentChoice = skewed(agents.length)
  const hostChoice = skewed(10_000)
  const statuses = [200, 200, 200, 200, 200, 200, 200, 304, 304, 302, 404, 500]
  return {
    header: '',
    line(index) {
      const host = hostChoice[random() >>> 16]
      const path = paths[pathChoice[random() >>> 16]]
      const query = path === '/search' ? `?q=${pick(words)}+${pick(words)}` : ''
      const method = path === '/orders' || path === '/login' ? 'POST' : 'GET'
      const status = pick(statuses)
      const bytes = status === 304 ? '-' : String(64 + (random() % (1 + (random() % 60_000))))
      const time = accessTime(dayStartMs + Math.floor((index / lines) * dayMs))
      const referer = random() % 3 === 0 ? 'https://example.com/' : '-'
      const user = random() % 50 === 0 ? 'ana' : '-'
      const address = `10.1.${host >>> 8}.${host & 255}`
      const agent = agents[agentChoice[random() >>> 16]]
      return `${address} - ${user} [${time}] "${method} ${path}${query} HTTP/1.1" ${status} ${bytes} "${referer}" "${agent}"\n`
    },
  }
}

/** `05/Mar/2012:17:46:02 +0000`; the day of the sample is always that one. */
function accessTime(ms) {
  return `05/Mar/2012:${new Date(ms).toISOString().slice(11, 19)} +0000`
}

function main() {
  const {values} = parseArgs({
    options: {
      kind: {type: 'string'},
      lines: {type: 'string', default: '1000000'},
      seed: {type: 'string', default: '1'},
      out: {type: 'string'},
    },
  })
  if (values.out === undefined || values.kind === undefined) {
    console.error('usage: node scripts/sample-logs.mjs --kind election|access --out FILE [--lines 1000000] [--seed 1]')
    process.exitCode = 2
    return
  }
  const written = writeSampleLogs({
    kind: values.kind,
    path: values.out,
    lines: Number(values.lines),
    seed: Number(values.seed),
  })
  console.error(`${values.out}: ${written.lines} records, ${written.bytes} bytes`)
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) main()
