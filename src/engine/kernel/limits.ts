/** Limits of the kernel, each with its unit and reason. */

/** Needed fields and objects on the way to them: each has a bit of a 64-bit word, by which a doubled name is seen. */
export const namesMax = 64

/** Lines that are parsed before their pairs are added: enough that their cache misses overlap. The sums' room for overflow counts on it. */
export const batchLinesMax = 64

/** Bytes of the fields of one batch: they stay in half of a first-level cache. */
export const batchBytesMax = 16 * 1024

/** Values of a list in a condition: they are tried one after the other. */
export const membersMax = 64

/** Fields made by transforms: each has a table of 64 KiB for what came of which value. */
export const derivedMax = 16

/** Bytes of groups and hash tables: addresses have 32 bits, and a table that doubles needs as much room again. */
export const groupBytesMax = 1.5 * 1024 ** 3

/**
 * Bytes past the budget at which a scan stops in the middle of its input: what half a MiB of lines adds is less, unless most of
 * them make a group an estimate of 16 KiB.
 */
export const overBudgetBytes = 8 * 1024 ** 2

/** Bytes of a plan, as in assembly/layout.ts: a rule with a thousand columns fits. Tables of many keysets have room where lines are parsed, too. */
export const planBytesMax = 256 * 1024
