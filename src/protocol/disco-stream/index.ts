/** Disco's formats of records: version 0 (netstrings) and 1 (hunks of pickles). */
export {encodeNetstringPair, netstringPairsOf} from './netstrings.ts'
export {type Pickled, pickleText, textOfPickled, unpickle} from './pickle.ts'
export * from './stream.ts'
