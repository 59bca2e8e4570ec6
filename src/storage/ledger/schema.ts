/** Numbered migrations of a ledger. Released ones are never edited. */
export const ledgerMigrations: readonly string[] = [
  `
  CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    identity TEXT,
    codec TEXT NOT NULL,
    head_bytes INTEGER NOT NULL,
    head_hash TEXT NOT NULL,
    offset INTEGER NOT NULL,
    tail_hash TEXT NOT NULL,
    header BLOB,
    disk_bytes INTEGER NOT NULL,
    modified_at_ms REAL NOT NULL,
    text_bytes INTEGER NOT NULL,
    gone_at_ms INTEGER
  ) STRICT;

  -- At most one row: the chunk in work.
  CREATE TABLE intents (
    number INTEGER PRIMARY KEY CHECK (number = 1),
    file INTEGER NOT NULL,
    intent TEXT NOT NULL
  ) STRICT;
  `,
]
