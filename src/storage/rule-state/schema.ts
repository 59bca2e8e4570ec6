/** Numbered migrations of the state of a rule daemon. Released ones are never edited. */
export const ruleStateMigrations: readonly string[] = [
  `
  CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    token TEXT NOT NULL,
    pid INTEGER NOT NULL,
    started_ticks TEXT NOT NULL,
    boot TEXT NOT NULL,
    taken_at_ms INTEGER NOT NULL,
    deadline_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Rules that ever ran: records as JSON, because nothing is looked up in them.
  CREATE TABLE rules (
    name TEXT PRIMARY KEY,
    record TEXT NOT NULL
  ) STRICT;

  -- Rules that the daemon has read.
  CREATE TABLE known (
    name TEXT PRIMARY KEY,
    rule TEXT NOT NULL
  ) STRICT;

  CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    rule TEXT NOT NULL,
    trigger TEXT NOT NULL,
    state TEXT NOT NULL,
    started_ms INTEGER NOT NULL,
    ended_ms INTEGER,
    pid INTEGER,
    started_ticks TEXT,
    boot TEXT,
    error TEXT,
    report TEXT
  ) STRICT;
  CREATE INDEX runs_by_rule ON runs (rule, id);
  -- A rule has one run at a time, whatever else goes wrong.
  CREATE UNIQUE INDEX runs_open ON runs (rule) WHERE state = 'running';

  -- What people are to be told, until it is sent.
  CREATE TABLE notices (
    id INTEGER PRIMARY KEY,
    rule TEXT NOT NULL,
    notice TEXT NOT NULL
  ) STRICT;

  CREATE TABLE orders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    type TEXT NOT NULL,
    rule TEXT
  ) STRICT;
  `,
]
