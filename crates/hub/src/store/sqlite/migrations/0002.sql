-- Shipped: never edit this file; a change is a new one beside it.

ALTER TABLE documents ADD COLUMN generation INTEGER; -- of a keyring: entries of other generations are refused
