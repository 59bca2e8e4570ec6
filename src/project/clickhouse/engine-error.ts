/** What ClickHouse and the way to it say, for people: without addresses that open something. */
import {ClusterError, errorCodeOf, messageOf, UserError} from '../../base/index.ts'
import {networkVerdict, withoutSecrets} from '../../sinks/index.ts'
import type {EngineTarget} from './engine-address.ts'

/** By the numbers of ClickHouse's ErrorCodes. */
const hints: Readonly<Record<string, string>> = {
  '36': 'is the query beyond what this version can do? The queries were tried with 26.7',
  '46': 'the queries were tried with ClickHouse 26.7; older versions lack functions',
  '47': 'see the columns with: DESCRIBE TABLE',
  '60': 'see the tables with: SHOW TABLES',
  '81': 'make the database first',
  '86': 'ClickHouse got no answer from where the data lies; signed URLs of blobs expire after six hours',
  '115': 'the queries were tried with ClickHouse 26.7; older versions lack settings',
  '158': 'the server limits how much a query reads',
  '159': 'the server limits how long a query runs',
  '164': 'the user must be allowed to change settings of a query: readonly = 2, or a profile without readonly',
  '192': 'check user, password and grants',
  '193': 'check user, password and grants',
  '241': 'the query needs more memory than the server gives it',
  '354': 'a packed input is broken or cut',
  '497': 'check user, password and grants',
  '499':
    'ClickHouse cannot read there: check the address, and the keys in the settings clickhouse.s3AccessKey and clickhouse.s3SecretKey',
  '516': 'check user, password and grants',
  '701': 'the address of the engine names a cluster that the server does not know: see system.clusters',
}

/** Too many queries, the network between its nodes: it may work in a minute. */
const passing: readonly string[] = ['159', '202', '209', '210', '279', '319']

/** Whether the user lacks a grant. */
export function isDenied(error: unknown): boolean {
  return error instanceof UserError && errorCodeOf(error.cause) === '497'
}

/** @returns what to throw; an error that is not of the engine as it is */
export function engineError(error: unknown, {name, target}: Pick<EngineTarget, 'name' | 'target'>): unknown {
  if (error instanceof UserError || error instanceof ClusterError) return error
  const said = `${name}: ${shownText(messageOf(error), target.secrets)}`
  const code = errorCodeOf(error)
  if (/^\d+$/.test(code)) {
    const hint = hints[code]
    const details = {cause: error, ...(hint === undefined ? {} : {hint})}
    if (passing.includes(code)) return new ClusterError('UNAVAILABLE', said, {...details, retryable: true})
    return new UserError('BAD_ENGINE', said, details)
  }
  const verdict = networkVerdict(error)
  if (verdict?.kind === 'again') {
    return new ClusterError(verdict.code, `${name}: ${verdict.reason}`, {cause: error, retryable: true})
  }
  if (verdict?.kind === 'final') {
    return new UserError('BAD_ENGINE', `${name}: ${verdict.error.message}`, {cause: error, hint: 'correct the address'})
  }
  if (/timeout|socket hang up|aborted/i.test(said)) {
    return new ClusterError('TIMED_OUT', said, {cause: error, retryable: true})
  }
  return error
}

/** Messages quote addresses: those with a ticket would open their blob. */
function shownText(text: string, secrets: readonly string[]): string {
  return withoutSecrets(text, secrets).replace(/(\/fetch\/blobs\/[0-9a-f]{8})[^\s'"()]*/g, '$1…')
}
