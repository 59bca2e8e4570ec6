/**
 * What is known of the blobs on this node's volumes. A volume is known by a key in its own folder, not by its path, so
 * that a disk that is not mounted is noticed, and one that was mounted elsewhere is not.
 *
 * `touched_mark` is in milliseconds of the node's own account (idle-account.ts), `touched_at_ms` by its clock, for people.
 * `replica` is a random number that tells a replica from an earlier one of the same blob.
 */
export const blobMigrations: readonly string[] = [
  `
  CREATE TABLE volumes (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, path TEXT NOT NULL) STRICT;

  CREATE TABLE blobs (
    id BLOB PRIMARY KEY,
    volume_id INTEGER NOT NULL REFERENCES volumes (id),
    bytes INTEGER NOT NULL,
    replica_count INTEGER NOT NULL,
    touched_at_ms INTEGER NOT NULL,
    touched_mark INTEGER NOT NULL,
    replica INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Apart from the above, because listings do not need them and they can be large.
  CREATE TABLE checksums (
    id BLOB PRIMARY KEY REFERENCES blobs (id) ON DELETE CASCADE,
    value BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE account (id INTEGER PRIMARY KEY CHECK (id = 1), uptime_ms INTEGER NOT NULL) STRICT;
  INSERT INTO account VALUES (1, 0);
  `,
]
