/** The program as an installed thing: files in a folder, or one executable. */
export * from './parts.ts'
export {isSingleFile} from './single-file.ts'
