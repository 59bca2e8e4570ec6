/** How many scanners a scan gets, and where they work. Pure. */
import {chooseEngine} from '../engine/index.ts'
import type {InputFile} from './input-files.ts'
import {compressionRatio, oneKernelBytesMax, oneScannerBytesMax, scannerBytesMin} from './limits.ts'
import {scansWithCode} from './resolve-rule.ts'
import type {ScanRequest} from './scan-request.ts'

export interface Staffing {
  readonly count: number
  /** The one scanner works in this thread. */
  readonly isInline: boolean
  /** One of several scanners works in this thread: it reads while the threads still start. */
  readonly isOneHere: boolean
}

/** What of a request it depends on. */
export type StaffedRequest = Pick<
  ScanRequest,
  'plan' | 'rule' | 'address' | 'params' | 'files' | 'threads' | 'sample' | 'engine'
>

/**
 * How many scanners, and where.
 *
 * More than one only pays when there is enough to read; samples and unsorted results are in input order, which one scanner
 * keeps. Functions of a rule run in threads, because a thread can be ended whatever they do; only a reader of the rule's own
 * on standard input stays here, where standard input is. Where the kernel scans files, this thread scans, too: it reads its
 * first bytes when the threads are not yet there, and a chunk takes it less than a millisecond, so it still hears everything.
 */
export function staff(request: StaffedRequest): Staffing {
  const {plan, rule, address, files, threads, sample} = request
  const isCustom = plan.format.format === 'custom'
  const hasCode = address !== null && scansWithCode(rule)
  const readsStdin = files.some(file => file.path === undefined)
  if (isCustom && readsStdin) return {count: 1, isInline: true, isOneHere: false}
  const isOrdered = sample !== undefined || !plan.sort
  const useful = isCustom ? files.length : usefulScanners(files, isScanCheap(request))
  // Functions without a file to load them from are there in this thread only.
  const isHereOnly = address === null && scansWithCode(rule)
  const count = isOrdered || isHereOnly ? 1 : Math.max(1, Math.min(threads, useful))
  // Streams are unpacked in this thread, which then has enough to do.
  const areFiles = files.every(file => file.path !== undefined && file.bytes !== undefined)
  const isQuick = areFiles && !hasCode && isScanCheap(request)
  return {count, isInline: count === 1 && !hasCode, isOneHere: count > 1 && isQuick}
}

function usefulScanners(files: readonly InputFile[], isCheap: boolean): number {
  let bytes = 0
  for (const file of files) {
    const isPlain = file.compression === 'none'
    bytes += (file.bytes ?? Number.POSITIVE_INFINITY) * (isPlain ? 1 : compressionRatio)
  }
  return bytes <= (isCheap ? oneKernelBytesMax : oneScannerBytesMax) ? 1 : Math.ceil(bytes / scannerBytesMin)
}

/** The kernel alone makes groups faster than bytes can be handed out. */
export function isScanCheap({plan, params, engine}: Pick<ScanRequest, 'plan' | 'params' | 'engine'>): boolean {
  const chosen = chooseEngine(plan, params, engine)
  return chosen.engine === 'kernel' && chosen.rest === undefined
}
