import {createHash} from 'node:crypto'
import {expect} from 'vitest'
import {kernelPlan} from '../../../../src/engine/kernel/index.ts'
import type {RuleOptions} from '../../../../src/rules/index.ts'
import {planOf} from '../../rules/plan-of.ts'
import {byKernel, byRows, type Input, type KernelOutcome} from './both-ways.ts'

/** Runs lines both ways, demands the same, and returns what the kernel gave. */
export function same(
  options: Partial<RuleOptions>,
  lines: readonly string[],
  input: Partial<Input> = {},
): KernelOutcome {
  const plan = planOf({name: 'a', format: 'json', keyParts: ['k'], valueParts: ['n'], ...options} as RuleOptions)
  const supported = kernelPlan(plan)
  if ('reason' in supported) throw new Error(supported.reason)
  const chunks = [Buffer.from(lines.map(line => `${line}\n`).join(''))]
  const found = byKernel(plan, supported, {chunks, isFirst: false, ...input})
  const {runs, ...expected} = byRows(plan, {chunks, isFirst: false, ...input})
  expect(found).toMatchObject(expected)
  // Where the row path had no part in it, one run holds the very bytes that it would have written.
  const isComparable =
    found.passed === 0 && found.runs.every((ofTable, table) => ofTable.length === runs[table]!.length)
  if (isComparable) expect(hashesOf(found.runs)).toEqual(hashesOf(runs))
  return found
}

function hashesOf(runs: KernelOutcome['runs']): readonly string[] {
  return runs.flatMap(ofTable =>
    ofTable.map(blocks => createHash('sha256').update(Buffer.concat(blocks)).digest('hex')),
  )
}
