/**
 * The tables of tags. Entries belong to a tag by `rows_id`, which changes when all of them go or are replaced: so that
 * costs nothing however many there are, and pages of a tag can be collected out of sight. What no tag points to any
 * more is in `loose_rows` and is deleted bit by bit.
 */
export const tagMigrations: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE tags (
    id INTEGER PRIMARY KEY,
    tag TEXT NOT NULL UNIQUE,
    rows_id INTEGER NOT NULL UNIQUE,
    epoch INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    replica_count INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    modified_at_ms INTEGER NOT NULL,
    deleted_at_ms INTEGER,
    is_purged INTEGER NOT NULL,
    entry_count INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    record_count INTEGER NOT NULL,
    raw_bytes INTEGER NOT NULL,
    next_number INTEGER NOT NULL,
    line_count INTEGER NOT NULL
  ) STRICT;

  -- Apart from the above because it can be large and seldom changes: nodes, attributes, tokens, as JSON.
  CREATE TABLE tag_settings (
    tag_id INTEGER PRIMARY KEY REFERENCES tags (id) ON DELETE CASCADE,
    value TEXT NOT NULL
  ) STRICT;

  -- content: 32 bytes of a blob's id; for others, text as contentOf gives it. name: of blobs.
  CREATE TABLE entries (
    rows_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    content ANY NOT NULL,
    name TEXT,
    bytes INTEGER,
    codec TEXT,
    record_count INTEGER,
    raw_bytes INTEGER,
    PRIMARY KEY (rows_id, number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX entries_by_content ON entries (content, rows_id, name);
  CREATE INDEX entries_by_name ON entries (rows_id, name) WHERE name IS NOT NULL;

  CREATE TABLE loose_rows (rows_id INTEGER PRIMARY KEY) STRICT;

  CREATE TABLE log (
    tag_id INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    line INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    change TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    by TEXT NOT NULL,
    added_count INTEGER NOT NULL,
    removed_count INTEGER NOT NULL,
    PRIMARY KEY (tag_id, line)
  ) STRICT, WITHOUT ROWID;
  `,
]
