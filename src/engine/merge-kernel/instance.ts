/** One instance of the merge kernel's WebAssembly module, typed. */
import {mergeKernelWasm} from '../../generated/merge-kernel.ts'

/** What assembly/index.ts exports. Addresses are offsets in `memory`. */
export interface MergeExports {
  readonly memory: {readonly buffer: ArrayBuffer; grow(pages: number): number}
  planAddress(): number
  /** Where all but the plan may go. */
  restAddress(): number
  merge(): void
  codedPlanAddress(): number
  /** Returns where the texts end. */
  mergeTexts(part: number, shift: number, list: number, cursors: number, to: number): number
  textCount(): number
  longestText(): number
  mergeCoded(): void
  rows(): number
  holders(): number
  statesStart(holder: number): number
  statesEnd(holder: number): number
}

/** What assembly/ asks for. */
export interface MergeHost {
  readonly refill: (reader: number) => number
  readonly number: (value: number, to: number) => number
  readonly flush: (from: number, to: number) => void
  readonly finishRow: () => void
  /** Writes a key part (from..end-1) for Markdown. Returns where the text ends. */
  readonly markdown: (from: number, end: number, to: number) => number
}

/** Of the language's WebAssembly, which the compiler's library declares only for browsers: what is used here. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => {readonly exports: unknown}
}

/** Compiles and starts the module: about a millisecond. */
export function openInstance(host: MergeHost): MergeExports {
  const module = new WebAssembly.Module(Buffer.from(mergeKernelWasm, 'base64'))
  return new WebAssembly.Instance(module, {host}).exports as MergeExports
}
