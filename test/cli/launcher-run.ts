import {spawnSync} from 'node:child_process'
import {join} from 'node:path'

export const projectRoot = join(import.meta.dirname, '../..')
export const launcher = join(projectRoot, 'bin/run.js')

export interface Outcome {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the built program as a person would, by default under the project's Node. */
export function runTool(args: readonly string[], options: {program?: string; env?: NodeJS.ProcessEnv} = {}): Outcome {
  const env = {...process.env, ...options.env}
  const result = spawnSync(process.execPath, [options.program ?? launcher, ...args], {env, encoding: 'utf8'})
  return {exitCode: result.status, stdout: result.stdout, stderr: result.stderr}
}

/** Runs a line of bash in which `$node $tool` is the program. */
export function runShell(line: string): Outcome {
  const env = {...process.env, node: process.execPath, tool: launcher}
  const result = spawnSync('bash', ['-o', 'pipefail', '-c', line], {env, encoding: 'utf8'})
  return {exitCode: result.status, stdout: result.stdout, stderr: result.stderr}
}
