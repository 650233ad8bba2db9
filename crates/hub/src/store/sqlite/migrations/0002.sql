-- Shipped: never edit this file; a change is a new one beside it.

CREATE TABLE list_signatures (
    desk      TEXT    NOT NULL REFERENCES desks (id),
    day       INTEGER NOT NULL,
    shard     INTEGER NOT NULL,
    duty_key  BLOB    NOT NULL, -- served while the notice names this key
    minute    INTEGER NOT NULL,
    signature BLOB    NOT NULL,
    PRIMARY KEY (desk, day, shard)
) STRICT;
ALTER TABLE documents ADD COLUMN generation INTEGER; -- of a keyring: entries of other generations are refused
