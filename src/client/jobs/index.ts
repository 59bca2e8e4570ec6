export * from './job-client.ts'
