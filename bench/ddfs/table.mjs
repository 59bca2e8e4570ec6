/** The results as a Markdown table. */
import {readFileSync, writeFileSync} from 'node:fs'
import {cpus, release, totalmem} from 'node:os'
import {join} from 'node:path'

export function table(results, {command}) {
  const machine = `${cpus().length} × ${cpus()[0].model}, ${Math.round(totalmem() / 1e9)} GB, Linux ${release()}, Node ${process.version}`
  const lines = results.map(row).join('\n')
  const head = '| what | figure | beside it | ratio | goal |\n| --- | ---: | --- | ---: | --- |'
  return `${new Date().toISOString().slice(0, 10)} · ${machine}\n\n    ${command}\n\n${head}\n${lines}\n`
}

function row({what, rate, value, peer, peerRate, goal, goalRate, told}) {
  const figure = value ?? `${Math.round(rate)} MB/s`
  const beside = peer === undefined ? '' : `${peer}: ${Math.round(peerRate)} MB/s`
  const ratio = peerRate === undefined ? '' : (rate / peerRate).toFixed(2)
  const aim =
    goal === undefined ? (goalRate === undefined ? (told ?? '') : `${goalRate} MB/s at least`) : `${goal} at least`
  return `| ${what} | ${figure} | ${beside} | ${ratio} | ${aim} |`
}

const begin = '<!-- ddfs table: begin -->'
const end = '<!-- ddfs table: end -->'

export function writeTable(text) {
  const path = join(import.meta.dirname, '../README.md')
  const readme = readFileSync(path, 'utf8')
  const [before] = readme.split(begin)
  const after = readme.split(end)[1] ?? ''
  writeFileSync(
    path,
    `${before.trimEnd()}\n\n${readme.includes(begin) ? '' : '## DDFS\n\n'}${begin}\n\n${text}\n${end}\n${after.trimStart()}`,
  )
}
