/** Numbered migrations of a master's journal. Released ones are never edited. Bodies are JSON. */
export const journalMigrations: readonly string[] = [
  `
  CREATE TABLE numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE jobs (job TEXT PRIMARY KEY, number INTEGER NOT NULL, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE job_states (job TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE packs (job TEXT PRIMARY KEY, hash TEXT NOT NULL, bytes INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX packs_by_hash ON packs (hash);

  CREATE TABLE tasks (
    job TEXT NOT NULL, task INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (job, task)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE troubles (
    job TEXT NOT NULL, task INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (job, task)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE runs (run INTEGER PRIMARY KEY, job TEXT NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE INDEX runs_by_job ON runs (job);

  CREATE TABLE events (
    job TEXT NOT NULL,
    number INTEGER NOT NULL,
    now_ms REAL NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (job, number)
  ) STRICT, WITHOUT ROWID;
  `,
]
