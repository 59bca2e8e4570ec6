/** Times of one write: the first and five more. The waits between them double. */
export const attemptCountMax = 6

/** Milliseconds before the second attempt; a database that was killed needs seconds to recover, all waits together are 31 s. */
export const firstRetryDelayMs = 1000

/** Milliseconds to open a connection: a firewall that drops packets says nothing. */
export const connectTimeoutMs = 10_000

/** Milliseconds for one statement, waits for locks included: longer than any of ours takes, short enough to be told of. */
export const statementTimeoutMs = 60_000

/** Rows of one statement: more gains nothing and holds more memory. */
export const chunkRowsMax = 5000

/** Characters of one statement: the least max_allowed_packet in use is 4 MiB, and a character has at most four bytes. */
export const chunkCharsMax = 512 * 1024

/** Rows of a table whose column types they decide. */
export const typeSampleRowsMax = 1000

/** Rows between two turns of the event loop while SQLite, which never waits, is written: Ctrl-C is heard in between. */
export const rowsPerTurn = 2000

/** Characters of the names of columns, tables and rules that the ledger keeps. */
export const ledgerNameCharsMax = 255
