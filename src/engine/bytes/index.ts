export * from './arrays.ts'
export {ByteBuffer} from './byte-buffer.ts'
export {ByteCursor} from './byte-cursor.ts'
export {mixed, TextHash} from './text-hash.ts'
