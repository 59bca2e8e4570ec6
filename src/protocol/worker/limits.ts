/** Bounds of Disco's worker protocol 1.1 and of its job packs, each with its unit and reason. */

/** Of workers that we speak with. */
export const workerProtocolVersion = '1.1'

/** Characters of a message's name and digits of its length: what is longer is no message. */
export const messageNameCharsMax = 10
export const lengthDigitsMax = 10

/** Bytes of one payload, as in Disco: an error text or a list of inputs, never data. */
export const payloadBytesMax = 100 * 1024 * 1024

/** Bytes of a line that is no message; the rest of a longer one is the next line. */
export const textLineBytesMax = 8192

/** A worker that has said nothing that is a message after so long has failed, milliseconds. */
export const handshakeMs = 30_000

/** A message that has begun goes on within this, milliseconds. */
export const partialMessageMs = 30_000

/** Messages for the log within a second that are answered at once; the answers to more wait. */
export const messagesPerSecondMax = 5
export const messageDelayMs = 200

/** Characters of an event's text, as in Disco. */
export const workerTextCharsMax = 8192

/** Outputs of one run: each is a row in the journal. */
export const workerOutputsMax = 100_000

/** Characters of an output's location. */
export const locationCharsMax = 4096

/** Inputs of a job in a pack; as of other jobs. */
export const packInputsMax = 1_000_000

/** Characters of a job's prefix: it becomes part of folder names. */
export const prefixCharsMax = 100
