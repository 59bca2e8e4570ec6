export * from './parameters.ts'
export * from './settings.ts'
