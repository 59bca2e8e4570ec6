/** Miller, jq and awk: on smaller files, one thread. */
import {allKeys} from '../compare.mjs'
import {firstLine, shell} from './paths.mjs'

export const miller = {
  id: 'miller',
  peer: 'miller',
  title: 'Miller',
  isSlow: true,
  version: () => firstLine('mlr', ['--version'])?.replace(/^mlr /, ''),
  variants: (one, {files}) => [{argv: () => fed(one, ['mlr', ...millerFlags(one), ...millerVerbs(one)], files)}],
}

export const jq = {
  id: 'jq',
  peer: 'jq',
  title: 'jq',
  isSlow: true,
  version: () => firstLine('jq', ['--version'])?.replace(/^jq-/, ''),
  variants: (one, {files}) => (one.isCsv ? [] : [{argv: () => fed(one, ['jq', '-rn', jqProgram(one)], files)}]),
}

export const mawk = {
  id: 'mawk',
  peer: 'mawk',
  title: 'mawk',
  detail: 'lines cut at fixed places',
  isSlow: true,
  version: () => firstLine('mawk', ['-W', 'version'])?.replace(/^mawk ([^,]*).*$/, '$1'),
  variants: (one, {files}) => awk('mawk', one, files),
}

export const gawk = {
  ...mawk,
  id: 'gawk',
  peer: 'gawk',
  title: 'gawk',
  version: () => firstLine('gawk', ['--version'])?.replace(/^GNU Awk ([^,]*),.*$/, '$1'),
  variants: (one, {files}) => awk('gawk', one, files),
}

/** Compressed files come through `zstd -dc`. */
function fed({isCompressed}, argv, files) {
  if (!isCompressed) return [...argv, ...files]
  const list = files.map(file => `"${file}"`).join(' ')
  return shell(`zstd -dcq ${list} | "$@"`, argv)
}

function millerFlags({isCsv}) {
  return [isCsv ? '--icsv' : '--ijsonl', '--ocsv', '--headerless-csv-output']
}

function millerVerbs({keysets, where, columns}) {
  const isNested = Object.keys(columns).some(path => path.includes('.'))
  const before = [
    ...(isNested ? ['flatten', 'then'] : []),
    ...(where === undefined ? [] : ['filter', `\${${where.field}} > ${where.above}`, 'then']),
  ]
  if (keysets.length > 1) return ['put', '-q', millerProgram(keysets)]
  const [{keys, sum}] = keysets
  const by = keys.join(',')
  return [...before, ...(sum === undefined ? ['count', '-g', by] : ['stats1', '-a', 'count,sum', '-f', sum, '-g', by])]
}

/** Several tables need Miller's language: a map for each, printed at the end. */
function millerProgram(keysets) {
  const all = allKeys(keysets)
  const add = keysets.map(({keys, sum}, index) => {
    const at = keys.map(key => `[\${${key}}]`).join('')
    return `@count${index}${at} += 1;${sum === undefined ? '' : ` @sum${index}${at} += \${${sum}};`}`
  })
  const print = keysets.map(({keys, sum}, index) => {
    const row = [`"${index}"`, ...all.map(name => (keys.includes(name) ? `k${keys.indexOf(name)}` : '""')), 'count']
    const at = keys.map((_, key) => `[k${key}]`).join('')
    if (sum !== undefined) row.push(`@sum${index}${at}`)
    const names = keys.map((_, key) => `k${key}`).join(', ')
    const loop = keys.length === 1 ? names : `(${names})`
    return `for (${loop}, count in @count${index}) {print ${row.join(' . "," . ')};}`
  })
  return `${add.join(' ')} end {${print.join(' ')}}`
}

/** `setpath` changes the object in place; the usual `.[$key] += 1` copies it for every record, 300 times slower here. */
function jqProgram({keysets, where}) {
  const names = allKeys(keysets)
  const adds = keysets.map(({keys, sum}, index) => {
    const key = [`"${index}"`, ...keys.map(name => `(.${name} | tostring)`)].join(' + "\\u001f" + ')
    const value = sum === undefined ? '[$old[0] + 1]' : `[$old[0] + 1, $old[1] + $record.${sum}]`
    return `($record | ${key}) as $key | setpath([$key]; getpath([$key]) as $old | ${value})`
  })
  const tables = keysets.map(({keys}) => names.map(name => keys.indexOf(name)))
  const cells =
    keysets.length === 1
      ? '(.key | split("\\u001f"))[1:] + .value'
      : `(.key | split("\\u001f")) as $key | [$key[0]] + [${JSON.stringify(tables)}[$key[0] | tonumber][] | if . < 0 then "" else $key[. + 1] end] + .value`
  const records = where === undefined ? 'inputs' : `(inputs | select(.${where.field} > ${where.above}))`
  return `reduce ${records} as $record ({}; ${adds.join(' | ')}) | to_entries[] | ${cells} | @csv`
}

function awk(command, {id, isCompressed}, files) {
  const program = awkPrograms[isCompressed || id === 'small' ? 'many' : id]
  if (program === undefined) return []
  return [{argv: () => fed({isCompressed}, [command, ...program], files)}]
}

const printCounts = 'END {for (key in count) printf "%s,%d\\n", key, count[key]}'
const printSums = 'END {for (key in count) printf "%s,%d,%.15g\\n", key, count[key], sum[key]}'

/**
 * awk knows no JSON: these programs count on the order of fields and cut lines at quotes, or at the fields' names. Fields
 * behind the search term, which may hold escaped quotes, are counted from the end. None for nested records and CSV.
 */
const awkPrograms = {
  few: ['-F"', `{count[$(NF-9)]++} ${printCounts}`],
  many: [
    '-F"',
    `{key = substr($11, 2, length($11) - 2) "," $8; count[key]++; sum[key] += substr($(NF-2), 2)} ${printSums}`,
  ],
  distinct: ['-F"', `{count[$8]++} ${printCounts}`],
  wide: [
    '-F"service":"|","version":|"status":|,"reason":|"duration_ms":|,"experiment":',
    `{key = $2 "," $4; count[key]++; sum[key] += $6} ${printSums}`,
  ],
  filter: ['-F"', `{price = substr($(NF-2), 2) + 0} price > 5.5 {count[$8]++; sum[$8] += price} ${printSums}`],
  keysets: [
    '-F"',
    `{key = substr($11, 2, length($11) - 2) "," $8; count[key]++; sum[key] += substr($(NF-2), 2); sizes[$(NF-9)]++}
    END {for (key in count) printf "1,,%s,%d,%.15g\\n", key, count[key], sum[key]
      for (key in sizes) printf "0,%s,,,%d\\n", key, sizes[key]}`,
  ],
}
