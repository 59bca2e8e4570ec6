export {type CodedStretch, canMergeCoded} from './coded-merge.ts'
export {mergedBlocksBytesMax, mergedRunsMax} from './limits.ts'
export {type BlockSource, type CodedTextMerge, type MergedText, MergeKernel, type TextMerge} from './merge-kernel.ts'
export type {RowStyle, RowTemplate} from './row-template.ts'
