/** Bounds of tokens, of failed attempts and of what is written about changes. */

/** Tokens that people made; each is compared with what every request brings. */
export const tokenCountMax = 200

/** Wrong tokens that an address may show at once, and milliseconds until it may show one more: 1,200 an hour, and 2^256 to try. */
export const attemptBurst = 20
export const attemptEveryMs = 3000

/** Addresses that are remembered with wrong tokens; past it the oldest is forgotten. */
export const attemptAddressMax = 10_000

/** Tokens that were good, remembered so that a neighbour's wrong ones do not shut their owners out. */
export const goodTokenMax = 1000

/** Bytes of the file of changes; then it becomes the old one, and the old one goes. */
export const auditBytesMax = 8 * 1024 * 1024

/** Lines of it in one answer. */
export const auditPageMax = 10_000

/** Characters of one part of a path in it. */
export const auditTextMax = 200

/** A node gets so long to say that it knows of a new or a revoked token; the change is kept in any case. Milliseconds. */
export const tokensToldMs = 3000
