export * from './cutter.ts'
export * from './limits.ts'
export * from './pack.ts'
export * from './record-ends.ts'
