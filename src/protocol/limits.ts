/** Sizes and counts that both ends of a wire agree on. */

/** Name of a tag, as in Disco. Characters. */
export const tagNameLengthMax = 511

/** Name of a blob inside a tag: a file name made safe. Characters. */
export const blobNameLengthMax = 255

/** Disco's limits on attributes: bytes of a name, bytes of a value, how many a tag may have. */
export const attributeNameBytesMax = 1024
export const attributeValueBytesMax = 4096
export const attributeCountMax = 1000

/** A token is a secret of a person or a program. Characters. */
export const tokenLengthMax = 256

/** One commit: entries it may bring. A larger push is several commits; a commit must fit in one mesh frame. */
export const commitEntryCountMax = 1000

/** Entries of one tag. Past it a listing no longer fits in a client's memory comfortably. */
export const tagEntryCountMax = 2_000_000

/** Copies that may be asked for of a blob or of a tag. */
export const replicaCountMax = 9

/** Copies when nobody says otherwise, clamped to the number of nodes. */
export const replicaCountDefault = 3

/** One mesh frame, bytes. Bulk goes over HTTP. */
export const frameBytesMax = 1 << 20

/** Answers of a listing at once. */
export const pageSizeMax = 1000

/** One HTTP body that carries JSON, bytes. */
export const jsonBodyBytesMax = 1 << 20

/** A blob, bytes: 1 TiB, as in Disco. */
export const blobBytesMax = 2 ** 40

/** How deep tags in tags are followed. */
export const tagDepthMax = 100

/** Entries of one reply, bytes: with the head and the history beside them, it must fit in one mesh frame. */
export const pageBytesMax = 512 * 1024

/** Lines of history kept for a tag: what people look at, in a size that does not grow with the tag's life. */
export const tagLogLinesMax = 1000

/** A URL that opens a blob without a token is good at most so long: whoever has it needs no other right. Milliseconds. */
export const signedUrlMsMax = 24 * 3_600_000
