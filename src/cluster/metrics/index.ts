export * from './metrics-handler.ts'
export * from './request-counts.ts'
