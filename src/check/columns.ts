/** Columns that grow: typed arrays, so that millions of rows take what their numbers take. */

export type Column = Float64Array | Uint32Array | Int32Array | Uint8Array;

/** The column with room for `length` rows, at least twice what it had. */
export function grown<C extends Column>(column: C, length: number): C {
  if (length <= column.length) return column;
  const wider = new (column.constructor as new (length: number) => C)(
    Math.max(length, column.length * 2),
  );
  wider.set(column as never);
  return wider;
}
