// Rows of a list, before and after: which ones stay.

/** The fresh rows in their order, with the old one in the place of each that has the same key and did not change. */
export function merge<Row>(
  old: Row[],
  fresh: Row[],
  keyOf: (row: Row) => string | undefined,
  isSame: (old: Row, fresh: Row) => boolean,
): Row[] {
  const known = new Map(old.map((row) => [keyOf(row), row]));
  return fresh.map((row) => {
    const before = known.get(keyOf(row));
    // A key that came twice by mistake must not put one row in two places.
    known.delete(keyOf(row));
    return before !== undefined && isSame(before, row) ? before : row;
  });
}
