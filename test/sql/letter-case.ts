/** `node test/sql/letter-case.ts ENGINE`: letters one by one, and in words, here and on an engine. Prints what differs as JSON. */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {clickhouse, duckdb} from '../../src/sql/index.ts'
import {oddLetters} from '../../src/sql/letter-case.ts'
import {openClickhouse, openDuckdb} from './engines.ts'

const isDuckdb = process.argv[2] === 'duckdb'
const dialect = isDuckdb ? duckdb : clickhouse
const engine = isDuckdb ? await openDuckdb() : openClickhouse()
const folder = mkdtempSync(join(tmpdir(), 'letter-case-'))
const codes = Array.from({length: 0x20000}, (_, code) => code).filter(code => code > 0x20 && !(code >>> 11 === 0x1b))
const report: Record<string, unknown> = {}

for (const transform of ['lower', 'upper'] as const) {
  const odd = new RegExp(oddLetters(transform).replaceAll('\\x{', '\\u{'), 'u')
  const letters = codes.map(code => String.fromCodePoint(code)).filter(letter => !odd.test(letter))
  // What a letter becomes may go by its neighbours.
  const words = Array.from({length: Math.ceil(letters.length / 8)}, (_, at) =>
    letters.slice(at * 8, at * 8 + 8).join(''),
  )
  const path = join(folder, transform)
  writeFileSync(path, `${[...letters, ...words].join('\n')}\n`)
  const lines = dialect.fileLines(dialect.text(path))
  const rows = (await engine?.query(`SELECT line, ${dialect.changedCase(transform, 'line')} FROM (${lines})`)) ?? []
  const change = (text: string): string => (transform === 'lower' ? text.toLowerCase() : text.toUpperCase())
  const different = rows.filter(([line, changed]) => change(line ?? '') !== changed)
  report[transform] = {isWhole: rows.length === letters.length + words.length && rows.length > 30_000, different}
}
await engine?.close()
rmSync(folder, {recursive: true, force: true})
console.log(JSON.stringify(report))
