export * from './errors.ts'
export * from './json.ts'
export * from './random.ts'
export * from './text.ts'
