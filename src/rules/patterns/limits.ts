/** Limits of patterns that RegExp runs. Beyond them RE2 does. */

/** Characters of a pattern: the proof takes time. */
export const patternCharsMax = 2000

/** Groups within groups: reading recurses. */
export const nestingMax = 40

/** Repetitions that are counted, `{2,100}`: both the proof and the engine write them out. */
export const repeatsMax = 100

/** States of a pattern, repetitions written out. */
export const statesMax = 2000

/** Times that the proof may look at a state behind some character. */
export const looksMax = 10_000

/** Steps for each character of a text that the proof may find, at worst. Patterns of logs take some ten. */
export const stepsMax = 256

/** Characters of a text that RegExp searches: it notes where to go back to, some bytes for each character, within 64 MiB. */
export const textCharsMax = 2 ** 17
