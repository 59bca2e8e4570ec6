/** Bounds of Disco's streams, each with its unit and reason. */

/** A hunk is closed when it holds more, bytes before compression: as in Disco. */
export const hunkBytes = 1 << 20

/** A stored hunk, bytes: Disco's are of a megabyte; a lying header must not fill the memory. */
export const hunkBytesMax = 256 * 1024 * 1024

/** Level of zlib, as in Disco: fast. */
export const streamLevel = 2

/** First bytes of an input that are looked at for pairs of version 0: hundreds of small ones. Also of one piece of their text. */
export const netstringProbeBytes = 4096
