/** What a run of the benchmark can be told; everything is bounded, so that it never takes a machine down. */
import {parseArgs} from 'node:util'
import {cases} from './cases.mjs'
import {engines} from './engines.mjs'

const idsOf = list => list.map(({id}) => id)

export const usage = `usage: npm run bench -- [options]
  --size MB        data of each case for the fast engines (default 200; the last case always has 10)
  --large MB       besides, the scan-bound cases with so much data, as a table of their own; Miller and jq count with their MB/s of the first
  --slow-size MB   the same for Miller, jq and awk (default 20)
  --keys N         distinct keys of the third case (default 3000000)
  --rounds N       timed runs of each engine after its warm-up (default 5)
  --timeout S      seconds that one run may take before it is ended (default 120)
  --case A,B       only these cases: ${idsOf(cases).join(', ')}
  --engine A,B     only these engines: ${idsOf(engines).join(', ')}
  --every-way      a row for each way that DuckDB and chdb know, instead of the one that was fastest in the warm-up
  --no-build       use dist/ as it is
  --profile A,B    instead of all that: where the time of this tool goes in these cases
  --write          put the table into bench/README.md`

export function readOptions(args = process.argv.slice(2)) {
  const {values} = parseArgs({
    args,
    allowNegative: true,
    options: {
      build: {type: 'boolean', default: true},
      size: {type: 'string', default: '200'},
      large: {type: 'string'},
      'slow-size': {type: 'string', default: '20'},
      keys: {type: 'string', default: '3000000'},
      rounds: {type: 'string', default: '5'},
      timeout: {type: 'string', default: '120'},
      case: {type: 'string'},
      engine: {type: 'string'},
      'every-way': {type: 'boolean', default: false},
      profile: {type: 'string'},
      write: {type: 'boolean', default: false},
      help: {type: 'boolean', default: false},
    },
  })
  return {
    sizeMb: numberIn('size', values.size, 1, 10_000),
    largeMb: values.large === undefined ? undefined : numberIn('large', values.large, 1, 1_500),
    slowSizeMb: numberIn('slow-size', values['slow-size'], 1, 1_000),
    keyCount: numberIn('keys', values.keys, 1_000, 50_000_000),
    roundCount: numberIn('rounds', values.rounds, 1, 100),
    timeoutMs: numberIn('timeout', values.timeout, 1, 3_600) * 1000,
    cases: chosen('case', values.case, cases),
    engines: chosen('engine', values.engine, engines),
    isBuilt: values.build,
    hasEveryWay: values['every-way'],
    profiled: values.profile === undefined ? undefined : chosen('profile', values.profile, cases),
    isWritten: values.write,
    isHelp: values.help,
  }
}

function chosen(name, text, list) {
  if (text === undefined) return list
  const ids = text.split(',')
  const unknown = ids.find(id => !idsOf(list).includes(id))
  if (unknown !== undefined) refuse(`--${name} knows ${idsOf(list).join(', ')}, not ${unknown}`)
  return list.filter(({id}) => ids.includes(id))
}

function numberIn(name, text, least, most) {
  const value = Number(text)
  if (!Number.isFinite(value) || value < least || value > most) {
    refuse(`--${name} must be a number from ${least} to ${most}, not ${text}`)
  }
  return value
}

function refuse(sentence) {
  console.error(sentence)
  process.exit(2)
}
