/** Programs with limits of memory and time: what once took a machine down with it only fails. */
import {type SpawnSyncReturns, spawnSync} from 'node:child_process'

/** Node.js and ClickHouse reserve much more than they use. */
const addressKib = 12_000_000

/** Runs a script of this folder with Node.js. */
export function runLimited(script: string, given: readonly string[], seconds: number): SpawnSyncReturns<string> {
  const limits = `ulimit -c 0 -v ${addressKib} && exec timeout ${seconds} "$@"`
  return spawnSync('bash', ['-c', limits, 'bash', process.execPath, script, ...given], {encoding: 'utf8'})
}
