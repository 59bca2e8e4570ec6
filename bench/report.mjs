/** The table for people, and its place in README.md. */
import {readFileSync, writeFileSync} from 'node:fs'
import {arch, cpus, release, totalmem, type} from 'node:os'
import {join} from 'node:path'

const readmePath = join(import.meta.dirname, 'README.md')
const begin = '<!-- table: begin -->'
const end = '<!-- table: end -->'

/** @returns {string} Markdown: how often faster than the peers, then all figures of each case */
export function renderReport(results, command, large = [], largeMb = undefined) {
  const cpu = cpus()[0]?.model.trim() ?? 'unknown processor'
  const machine = `${cpus().length} × ${cpu}, ${Math.round(totalmem() / 1e9)} GB, ${type()} ${release()} ${arch()}, Node ${process.versions.node}`
  const head = [`${new Date().toISOString().slice(0, 10)} · ${machine}`, '', `    ${command}`, '']
  const summaries = [...renderSummary(results), ...renderSummary(large, largeMb)]
  return [...head, ...summaries, ...[...results, ...large].flatMap(renderCase)].join('\n')
}

/** One line a case: our speed as a multiple of each peer's best. @param largeMb - when it is the table of `--large` */
export function renderSummary(results, largeMb = undefined) {
  const lines = results
    .filter(({speeds}) => speeds !== undefined)
    .map(({one, speeds: {ours, limit, ratios, misses}}) => {
      const cells = [
        one.title.replace(/:.*$/, ''),
        `${(ours.medianMs / 1000).toFixed(2)}`,
        ours.mbPerSecond.toFixed(0),
        ...['duckdb', 'chdb', 'miller', 'jq'].map(peer => ratioText(ratios.get(peer))),
        limit === undefined ? '' : ratioText(limit.mbPerSecond / ours.mbPerSecond),
        Object.entries(one.goals)
          .map(([name, least]) => (name === 'ms' ? `${least} ms` : `${least} × ${name}`))
          .join(', '),
        Object.keys(one.goals).length === 0 ? '' : misses.length === 0 ? 'reached' : `missed: ${misses.join(', ')}`,
      ]
      return `| ${cells.join(' | ')} |`
    })
  if (lines.length === 0) return []
  return [
    `**How many times as fast as each peer at its best${largeMb === undefined ? '' : `, ${largeMb} MB a case`}**`,
    '',
    '| case | seconds | MB/s | DuckDB | chdb | Miller | jq | below the limit by | goal | |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- |',
    ...lines,
    '',
  ]
}

/** All figures of one case. */
export function renderCase({one, rows, referenceTitle, speeds}) {
  const limit = speeds?.limit
  const base = speeds?.ours.mbPerSecond
  const lines = rows.map(row => {
    if (row.medianMs === undefined) return `| ${row.title} | | | | | | | ${row.problem} |`
    const cells = [
      row.title,
      (row.bytes / 1e6).toFixed(0),
      `${(row.medianMs / 1000).toFixed(2)} (${(row.leastMs / 1000).toFixed(2)})`,
      row.mbPerSecond.toFixed(row.mbPerSecond < 10 ? 1 : 0),
      ratioText(base === undefined ? undefined : row.mbPerSecond / base),
      // Of other files the limit is not known.
      ratioText(
        limit === undefined || limit === row || limit.bytes !== row.bytes
          ? undefined
          : limit.mbPerSecond / row.mbPerSecond,
      ),
      row.peakMb === undefined ? '' : row.peakMb.toFixed(0),
      row.agreement,
    ]
    return `| ${cells.join(' | ')} |`
  })
  return [
    `**${one.title}**`,
    '',
    `| engine | MB read | seconds, median (least) | MB/s | speed, ours = 1 | below the limit by | peak MB | rows, against ${referenceTitle ?? 'none'} |`,
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
    ...lines,
    '',
  ]
}

function ratioText(ratio) {
  if (ratio === undefined) return ''
  return ratio.toFixed(ratio < 0.1 ? 3 : ratio < 10 ? 2 : 0)
}

/** Replaces what stands between the markers of README.md. */
export function writeReport(report) {
  const readme = readFileSync(readmePath, 'utf8')
  const from = readme.indexOf(begin) + begin.length
  const to = readme.indexOf(end)
  if (to < from) throw new Error(`${readmePath} lacks the markers ${begin} and ${end}`)
  writeFileSync(readmePath, `${readme.slice(0, from)}\n\n${report}\n${readme.slice(to)}`)
}
