/** The report of a run as a file: whole or not at all. */
import {randomUUID} from 'node:crypto'
import {closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {bigIntsAsDigits, messageOf, printable, UserError} from '../base/index.ts'
import {failureOf, type RunReport, type RunSource} from '../project/index.ts'
import {compilePlan, planHash} from '../rules/index.ts'
import type {SessionResult} from './session-result.ts'

/** @throws UserError OUTPUT_FAILED */
export function writeReport(path: string, report: RunReport): void {
  const temporary = join(dirname(path), `.report.${randomUUID()}.tmp`)
  try {
    const file = openSync(temporary, 'w', 0o600)
    try {
      writeSync(file, `${JSON.stringify(report, bigIntsAsDigits, 2)}\n`)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, {force: true})
    throw new UserError('OUTPUT_FAILED', `cannot write the report to ${printable(path)}: ${messageOf(error)}`, {
      cause: error,
      hint: 'name a file in a folder that exists and that you may write to',
    })
  }
}

/** The report of a run that ended before there was a rule to run, or over files. */
export function reportOfFailure(reference: string, error: unknown, startedAtMs: number): RunReport {
  return {...emptyReport(reference, startedAtMs), state: 'failed', error: failureOf(error)}
}

/** The report of a run over files that went well. Blobs and backlog are those of runs over tags: empty here. */
export function reportOfFiles(
  {rule, module, keyset}: RunSource,
  result: SessionResult,
  {
    out,
    sink,
  }: {
    readonly out?: string | undefined
    readonly sink?: {readonly name: string; readonly batch: string | null; readonly isRepeat: boolean} | undefined
  },
  startedAtMs: number,
): RunReport {
  const {plan} = compilePlan(rule, {module, keyset})
  return {
    ...emptyReport(plan.rule, startedAtMs),
    state: 'done',
    job: result.job,
    planHash: planHash(plan),
    seconds: result.seconds,
    bytes: result.bytes,
    rowCounts: result.rowCounts,
    account: result.account,
    findings: result.findings,
    batch: sink?.batch ?? null,
    isRepeat: sink?.isRepeat ?? false,
    sink: sink?.name ?? (out === undefined ? 'stdout' : `files in ${out}`),
  }
}

function emptyReport(rule: string, startedAtMs: number): Omit<RunReport, 'state'> {
  return {
    rule,
    job: null,
    planHash: '',
    batch: null,
    isRepeat: false,
    startedAtMs,
    seconds: (Date.now() - startedAtMs) / 1000,
    blobs: [],
    bytes: 0,
    rowCounts: {},
    account: null,
    backlog: {blobs: 0, bytes: 0},
    sink: '',
  }
}

/** Errors whose run has written its own report. */
const reportedErrors = new WeakSet<object>()

/** Marks an error, so that no second report takes the place of its own. @returns the error */
export function reported(error: unknown): unknown {
  if (typeof error === 'object' && error !== null) reportedErrors.add(error)
  return error
}

export const isReported = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && reportedErrors.has(error)
