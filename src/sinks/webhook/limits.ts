/** Rows of one request. */
export const partRowsMax = 5000

/** Characters of one request: what servers take without being told to take more. */
export const partCharsMax = 512 * 1024

/** Milliseconds until a request must have its answer. */
export const requestTimeoutMs = 30_000

/** Times that a part is sent; the waits between them double from firstDelayMs. */
export const requestCountMax = 6
export const firstDelayMs = 1000

/** Milliseconds of a Retry-After that are waited for; who asks for more is told of. */
export const retryAfterMaxMs = 60_000
