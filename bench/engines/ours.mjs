/** This tool, with the engine that it chooses itself, and with the reference (`--engine row`) once it can be asked for. */
import {spawnSync} from 'node:child_process'
import {join} from 'node:path'
import {bench, firstLine, node, root, threads} from './paths.mjs'

const program = join(root, 'bin/run.js')

export const ours = {
  id: 'ours',
  peer: 'ours',
  title: 'disco-inferno',
  hasHeader: true,
  version,
  variants: (one, {files}) => [{argv: () => argvOf(one, files)}],
}

export const oursRow = {
  ...ours,
  id: 'ours-row',
  peer: 'ours-row',
  title: 'disco-inferno',
  version,
  variants: (one, {files}) =>
    hasEngineFlag() ? [{detail: '--engine row', argv: () => [...argvOf(one, files), '--engine', 'row']}] : [],
}

/** @returns the command for a case */
export function argvOf({keysets, where, isCsv, rule, memory}, files) {
  return [
    ...[node, program, 'inferno'],
    ...(rule === undefined ? queryArgs(keysets[0], where, isCsv) : ['run', join(bench, rule)]),
    ...['--threads', String(threads), '--format', 'csv', '--quiet'],
    ...(memory === undefined ? [] : ['--memory', memory]),
    ...(rule === undefined ? files : files.flatMap(file => ['--input', file])),
  ]
}

function queryArgs({keys, sum}, where, isCsv) {
  return [
    ...['query', '-k', keys.join(','), '-v', sum === undefined ? 'count' : `count,${sum}`],
    ...(where === undefined ? [] : ['--where', `${where.field} > ${where.above}`]),
    ...(isCsv ? ['--from', 'csv'] : []),
  ]
}

function version() {
  return firstLine(node, [program, '--version'])?.replace(/^.*?(\d+\.\d+\.\d+\S*).*$/, '$1')
}

let isFlagKnown

function hasEngineFlag() {
  isFlagKnown ??= spawnSync(node, [program, 'inferno', 'query', '--help'], {encoding: 'utf8'}).stdout.includes(
    '--engine',
  )
  return isFlagKnown
}
