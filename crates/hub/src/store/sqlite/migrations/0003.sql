-- Shipped: never edit this file; a change is a new one beside it.

ALTER TABLE desks ADD COLUMN log_done INTEGER NOT NULL DEFAULT 0;      -- entries up to here are done with; their rows go in pieces
ALTER TABLE contents ADD COLUMN named_day INTEGER NOT NULL DEFAULT 0;  -- the last day on which the desk's notice named it
ALTER TABLE documents ADD COLUMN restored INTEGER NOT NULL DEFAULT 0;  -- 1: a backup's, or put ahead of one; serials may be left out
CREATE TABLE marks (
    name TEXT    NOT NULL PRIMARY KEY CHECK (name IN ('backup', 'restore')),
    day  INTEGER NOT NULL -- on which it was done last
) STRICT;
