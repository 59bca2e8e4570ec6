/** The inputs of a run over files, looked at once more for what should be said of it. */
import {
  fieldsInNone,
  type InputLook,
  inputPatterns,
  type RunSource,
  readingRules,
  type ScannedRule,
} from '../project/index.ts'
import type {Params, Rule} from '../rules/index.ts'
import {findInputs, type InputFile, peekStandardInput} from '../worker/index.ts'
import {memoryBytesOf, threadsOf} from './flag-values.ts'

export interface ScanFlags {
  readonly memory?: string | undefined
  readonly threads?: number | undefined
}

interface FilesRequest {
  readonly source: RunSource
  /** As they were named; none: those of the rules. */
  readonly inputs: readonly string[]
  readonly params: Params
  readonly flags: ScanFlags
}

export interface FilesLook {
  during(signal: AbortSignal): InputLook<ScannedRule>
}

/**
 * To be called before the run: what comes through a pipe comes once, and its beginning is kept.
 *
 * @throws as `inputPatterns`
 */
export async function lookAtFiles({source, inputs, params, flags}: FilesRequest): Promise<FilesLook> {
  const inputsOf = (rule: Rule): readonly string[] => inputPatterns(rule, inputs, params)
  const readsPipe = readingRules(source.rule).some(rule => inputsOf(rule).includes('-'))
  const pipe = readsPipe && !process.stdin.isTTY ? beginningOf(await peekStandardInput()) : undefined
  const limits = {threads: threadsOf(flags.threads), memoryBytes: memoryBytesOf(flags.memory)}
  return {
    during: signal => ({
      first: async ({rule}) => {
        const {files} = findInputs(inputsOf(rule).filter(input => input !== '-'))
        const file = files.find(({bytes}) => bytes !== 0)
        if (file === undefined) return pipe
        // Another pipe has been read.
        return file.bytes === undefined ? undefined : file
      },
      inNone: async ({rule, plan}, fields) => {
        const own = inputsOf(rule)
        return own.includes('-') ? [] : fieldsInNone(fields, {inputs: own, format: plan.format, ...limits, signal})
      },
    }),
  }
}

function beginningOf(bytes: Uint8Array): InputFile | undefined {
  if (bytes.byteLength === 0) return undefined
  return {
    name: '(stdin)',
    path: undefined,
    bytes: undefined,
    compression: 'none',
    async *open() {
      yield bytes
    },
  }
}
