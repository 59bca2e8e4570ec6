/** What became of one run of a rule over tags: printed by --json, told to the daemon, kept in its history. */
import type {Account} from '../../engine/index.ts'
import type {RuleFindings} from '../findings/rule-findings.ts'
import type {SkippedChunk} from './skipped-text.ts'

export interface RunReport {
  /** `module.rule` */
  readonly rule: string
  readonly state: 'done' | 'skipped' | 'failed'
  /** Of the rule on the cluster, `RULE@STAMP`; null when nothing ran. */
  readonly job: string | null
  readonly planHash: string
  /** null: nothing to deliver. */
  readonly batch: string | null
  /** The rows were there already: an earlier run wrote them and ended before it could say so. */
  readonly isRepeat: boolean
  /** Why it was skipped: one sentence. */
  readonly reason?: string
  readonly error?: {readonly code: string; readonly message: string; readonly hint?: string}
  readonly startedAtMs: number
  readonly seconds: number
  readonly blobs: readonly RunBlob[]
  /** Bytes before compression. */
  readonly bytes: number
  readonly rowCounts: Readonly<Record<string, number>>
  readonly account: Account | null
  /** Blobs that the rule would read and did not: beyond maxBlobs, or fewer than minBlobs. */
  readonly backlog: {readonly blobs: number; readonly bytes: number; readonly oldestAtMs?: number}
  /** What is hardly meant, of each rule in which there is something; absent in a run that was not done. */
  readonly findings?: readonly RuleFindings[]
  /** Where rows went, without secrets. */
  readonly sink: string
}

export interface RunBlob {
  readonly tag: string
  readonly blob: string
  readonly bytes: number
  /** Its partial aggregates were kept from an earlier run. */
  readonly isCached: boolean
  /** No node could give it, and the run went on without it; absent otherwise. */
  readonly isMissing?: boolean
  /** Its statistics ruled out that any record is used: what was not read, and why; absent otherwise. */
  readonly skipped?: SkippedChunk
  /** When it was put into its tag, milliseconds since 1970. */
  readonly addedAtMs?: number
}
