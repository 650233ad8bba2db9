-- Shipped: never edit this file; a change is a new one beside it.

CREATE TABLE desks (
    id         TEXT    NOT NULL PRIMARY KEY,
    identity   BLOB    NOT NULL,
    last_cell  INTEGER NOT NULL DEFAULT 0, -- the last position given to a cell, kept when cells go
    inbox_done INTEGER NOT NULL DEFAULT 0,
    posted_day INTEGER NOT NULL DEFAULT 0  -- the last day that drops were posted to
) STRICT;

CREATE TABLE documents (
    desk     TEXT    NOT NULL REFERENCES desks (id),
    kind     TEXT    NOT NULL CHECK (kind IN ('keyring', 'letters', 'notice')),
    serial   INTEGER NOT NULL,
    day      INTEGER NOT NULL, -- the day on which it was checked
    envelope BLOB    NOT NULL,
    PRIMARY KEY (desk, kind)
) STRICT;

CREATE TABLE contents (
    desk TEXT NOT NULL REFERENCES desks (id),
    hash BLOB NOT NULL,
    pack BLOB NOT NULL,
    PRIMARY KEY (desk, hash)
) STRICT;

CREATE TABLE cells (
    desk     TEXT    NOT NULL REFERENCES desks (id),
    position INTEGER NOT NULL,
    day      INTEGER NOT NULL, -- the only time that is kept of anything a caller does
    cell     BLOB    NOT NULL,
    PRIMARY KEY (desk, position)
) STRICT;

CREATE TABLE drops (
    desk     TEXT    NOT NULL REFERENCES desks (id),
    day      INTEGER NOT NULL,
    shard    INTEGER NOT NULL,
    position INTEGER NOT NULL,
    body     BLOB    NOT NULL,
    PRIMARY KEY (desk, day, shard, position)
) STRICT;

CREATE TABLE entries (
    desk     TEXT    NOT NULL REFERENCES desks (id),
    sequence INTEGER NOT NULL,
    hash     BLOB    NOT NULL,
    entry    BLOB    NOT NULL,
    PRIMARY KEY (desk, sequence),
    UNIQUE (desk, hash)
) STRICT;
