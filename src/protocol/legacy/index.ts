/** Disco's HTTP interface as data: names, URLs, shapes of JSON, texts. Nothing here runs. */
export * from './check.ts'
export * from './names.ts'
export * from './node-table.ts'
export type * from './shapes.ts'
export * from './urls.ts'
