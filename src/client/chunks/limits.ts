/** Text in a chunk: what one task reads at a time. Bytes before compression. */
export const chunkBytesDefault = 64 * 1024 * 1024
export const chunkBytesMin = 1024
/** Fits into one of Node's buffers with room to spare. Bytes. */
export const chunkBytesMax = 1024 * 1024 * 1024

/** A longer record is an error: most often it is a file without line ends, or a quote that is never closed. */
export const recordBytesDefault = 16 * 1024 * 1024

/** Chunks that are compressed or sent at the same time; each holds its text in memory. */
export const chunksInFlightMax = 3

/** Names of fields that a footer lists. */
export const footerFieldCountMax = 200
