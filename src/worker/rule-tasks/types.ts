/** What a rule's tasks are told. Plain JSON: it crosses threads, processes and machines. */
import type {EngineChoice} from '../../engine/index.ts'
import type {BlobId} from '../../protocol/index.ts'
import type {FormatNode, Plan} from '../../rules/index.ts'
import type {RuleAddress} from '../scan-job.ts'

export interface RuleInput {
  /** As it is shown in messages and accounts. */
  readonly name: string
  /** `blob://ID`, http and https; the first that can be read. */
  readonly addresses: readonly string[]
  /** As it is stored. */
  readonly bytes?: number
  /** Set when it is not the rule's own format. */
  readonly format?: FormatNode
}

/**
 * Numbers of the inputs of each task: each input once, those of a task in their order. A task of several takes what its node keeps, and fails where something is
 * not kept.
 */
export type RuleBundles = readonly (readonly number[])[]

/** A rule, ready to be scanned for anywhere. */
export interface RuleWork {
  readonly plan: Plan
  /** All that can cross processes: v8 serialization, as base64. */
  readonly params: string
  readonly engine: EngineChoice
  /** Of one task. */
  readonly memoryBytes: number
  readonly keepsBad: boolean
  /** Bad records beyond which a task fails by itself; null: any number. */
  readonly badMax: number | null
  readonly usesCache: boolean
  /** An input that nobody can give is left out, and named. */
  readonly allowsMissing: boolean
  /** `machineId` of where rows are made of the merge; null: not known. */
  readonly rowsMachine: string | null
  /** The rule in the pack; null: scanning needs no code. */
  readonly address: RuleAddress | null
  /** The same for works that make the same partial of the same input. */
  readonly cacheKey: string
}

/** Bytes of a blob on this machine. */
export interface LocalBlob {
  readonly path: string
  readonly bytes: number
  /** CRC-32 of each block, four bytes little end first, as base64. */
  readonly checksums: string
  /** The file's stamp when all blocks were compared not long ago: with the same one they are not compared again. */
  readonly verified?: string
}

/** A file of a blob all of whose blocks were what their checksums say. */
export interface VerifiedFile {
  readonly path: string
  /** As `fileStamp` gives it, before the first block was read. */
  readonly stamp: string
}

export type RuleStage =
  | {
      readonly type: 'scan'
      readonly input: RuleInput
      /** SHA-256 that the input's bytes have; null: it may change. */
      readonly blob: string | null
      /** By the address that names it. */
      readonly localBlobs: Readonly<Record<string, LocalBlob>>
      /** Where partials are kept; null: nowhere. */
      readonly cacheFolder: string | null
    }
  | {
      /** Partials that are kept are taken for several inputs at once. */
      readonly type: 'kept'
      readonly inputs: readonly {readonly input: RuleInput; readonly blob: BlobId}[]
      readonly cacheFolder: string
    }
  | {
      readonly type: 'merge'
      /** Names of all inputs of the job, in their order: those of the partials. */
      readonly names: readonly string[]
      /** Rows are made on this machine, where files are read as they lie. */
      readonly isBesideRows: boolean
    }
