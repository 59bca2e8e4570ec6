/** The results as a Markdown table. */
import {readFileSync, writeFileSync} from 'node:fs'
import {cpus, release, totalmem} from 'node:os'
import {join} from 'node:path'

export function table(results, {command}) {
  const lines = results.map(row).join('\n')
  const head = '| what | figure | beside it | ratio | goal |\n| --- | ---: | --- | ---: | --- |'
  return `${machineLine()}\n\n    ${command}\n\n${head}\n${lines}\n`
}

/** When and where figures were measured. */
export function machineLine() {
  const machine = `${cpus().length} × ${cpus()[0].model}, ${Math.round(totalmem() / 1e9)} GB, Linux ${release()}, Node ${process.version}`
  return `${new Date().toISOString().slice(0, 10)} · ${machine}`
}

function row({what, rate, value, peer, peerRate, goal, goalRate, told}) {
  const figure = value ?? `${Math.round(rate)} MB/s`
  const beside = peer === undefined ? '' : `${peer}: ${Math.round(peerRate)} MB/s`
  const ratio = peerRate === undefined ? '' : (rate / peerRate).toFixed(2)
  const aim =
    goal === undefined ? (goalRate === undefined ? (told ?? '') : `${goalRate} MB/s at least`) : `${goal} at least`
  return `| ${what} | ${figure} | ${beside} | ${ratio} | ${aim} |`
}

export const writeTable = text => writeSection('DDFS', 'ddfs table', text)

/** Puts a table between its marks in bench/README.md; without them at the end, under a heading. */
export function writeSection(heading, mark, text) {
  const begin = `<!-- ${mark}: begin -->`
  const end = `<!-- ${mark}: end -->`
  const path = join(import.meta.dirname, '../README.md')
  const readme = readFileSync(path, 'utf8')
  const [before] = readme.split(begin)
  const after = readme.split(end)[1] ?? ''
  const title = readme.includes(begin) ? '' : `## ${heading}\n\n`
  writeFileSync(path, `${before.trimEnd()}\n\n${title}${begin}\n\n${text}\n${end}\n${after.trimStart()}`)
}
