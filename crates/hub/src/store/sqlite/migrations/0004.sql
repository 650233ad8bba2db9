-- Shipped: never edit this file; a change is a new one beside it.

CREATE TABLE snapshots (
    desk       TEXT    NOT NULL REFERENCES desks (id),
    generation INTEGER NOT NULL,
    attempt    BLOB    NOT NULL,
    number     INTEGER NOT NULL,           -- a desk's attempts in the order in which they began
    frozen     INTEGER,                    -- sequence of the entry whose commit says that it is whole; none while it is written
    done       INTEGER NOT NULL DEFAULT 0, -- 1: kept no more; its chunks go in pieces, and it goes with the last of them
    PRIMARY KEY (desk, generation, attempt)
) STRICT;

CREATE TABLE snapshot_chunks (
    desk       TEXT    NOT NULL,
    generation INTEGER NOT NULL,
    attempt    BLOB    NOT NULL,
    position   INTEGER NOT NULL,
    hash       BLOB    NOT NULL,
    chunk      BLOB    NOT NULL,
    PRIMARY KEY (desk, generation, attempt, position),
    FOREIGN KEY (desk, generation, attempt) REFERENCES snapshots
) STRICT;
