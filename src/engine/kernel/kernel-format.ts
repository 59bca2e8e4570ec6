import type {FormatNode} from '../../rules/index.ts'

/** Formats that the kernel reads. */
export type KernelFormat = FormatNode & {readonly format: (typeof kernelFormats)[number]}
const kernelFormats = ['json', 'csv', 'logfmt', 'common-log', 'combined-log'] as const

/** Whether the kernel reads records of this format. */
export function isKernelFormat(format: FormatNode): format is KernelFormat {
  return kernelFormats.some(known => known === format.format)
}
