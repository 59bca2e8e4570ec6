/** Disco's worker protocol 1.1, its job packs and index files: bytes and meanings, nothing that runs. */
export * from './disco-name.ts'
export * from './framing.ts'
export * from './index-file.ts'
export * from './job-dict.ts'
export {type DiscoPack, decodeDiscoPack, encodeDiscoPack, isDiscoPack, type PackVersion} from './job-pack.ts'
export * from './limits.ts'
export * from './message-rate.ts'
export * from './messages.ts'
