/** Arguments and flags of `ddfs cat` and `ddfs xcat`. */
import {Args} from '@oclif/core'
import {ignoreMissingFlag, prefixFlag, tagFlags} from '../cluster-flags.ts'

export const readArgs = {
  source: Args.string({description: 'tags, blobs, files, URLs, - for standard input', required: true}),
}

export const readFlags = {...tagFlags, prefix: prefixFlag, ignore: ignoreMissingFlag}
