/** The templates of workers in other languages. */
import {spawnSync} from 'node:child_process'
import {expect} from 'vitest'
import type {DiscoProject} from '../../cli/disco-project.ts'
import type {Outcome} from '../../cli/launcher-run.ts'

export const has = (program: string): boolean => spawnSync('which', [program]).status === 0

/** Those whose programs this machine has. */
export const workerTemplates: readonly string[] = (
  [
    ['shell-worker', ['curl']],
    ['python-worker', ['python3']],
    ['node-worker', ['node']],
    ['c-worker', ['cc', 'curl']],
  ] as const
).flatMap(([template, programs]) => (programs.every(has) ? [template] : []))

/** Makes a project of a template and types what it says comes next, but the start of a cluster. */
export function runTemplate(project: DiscoProject, template: string): Outcome {
  const made = project.inferno(['init', `p/${template}`, '--template', template])
  expect(made).toMatchObject({exitCode: 0, stderr: ''})
  const commands = made.stdout.split('next:\n')[1]!.trim().split('\n').slice(2)
  const outcome = project.shell(`cd "p/${template}"; set -e\n${commands.join('\n')}`)
  expect(outcome.exitCode, outcome.stderr).toBe(0)
  return outcome
}
