/** With `catchUp: 'skip'`, a start that is later than this is a missed one: a daemon that is started anew misses nothing. Milliseconds. */
export const skipToleranceMs = 60_000
