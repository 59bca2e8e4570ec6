export * from './errors.ts'
export type * from './json.ts'
export * from './random.ts'
export * from './text.ts'
