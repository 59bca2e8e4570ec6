export {newlineByte} from './bytes.ts'
export {type CutterOptions, isLineFormat, makeCutter, type RecordCutter} from './cutter.ts'
export {recordBytesMax} from './limits.ts'
export {makeReader, namesOfFirstRecord, type ReaderOptions} from './make-reader.ts'
