/** JSON tables that are one object: columns or rows by name, as pandas and others write them. */

type Table = Record<string, unknown>;

const isObject = (value: unknown): value is Table =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const numbered = (keys: readonly string[]): boolean =>
  keys.length > 0 && keys.every((key) => /^\d+$/.test(key));

function fromColumns(table: Table, rows: readonly (string | number)[]): Table[] {
  const columns = Object.entries(table) as [string, Record<string | number, unknown>][];
  return rows.map((row) => Object.fromEntries(columns.map(([name, column]) => [name, column[row]])));
}

/**
 * The records of a parsed JSON file: a list as it is; `DataFrame.to_json` in the orientations columns, index, split and
 * table; an object of lists of equal length. Any other value is one record.
 */
export function tableRecords(parsed: unknown): unknown[] {
  if (Array.isArray(parsed)) return parsed;
  if (!isObject(parsed)) return [parsed];
  const keys = Object.keys(parsed);
  const values = Object.values(parsed);
  const { columns, data, schema } = parsed;
  if (Array.isArray(columns) && Array.isArray(data) && data.every(Array.isArray))
    return (data as unknown[][]).map((row) =>
      Object.fromEntries(columns.map((name, i) => [String(name), row[i]])),
    );
  if (isObject(schema) && Array.isArray(schema.fields) && Array.isArray(data)) return data;
  if (values.length === 0) return [parsed];
  if (values.every(isObject)) {
    if (numbered(keys)) return values;
    const rows = Object.keys(values[0] as Table);
    const alike = (value: unknown): boolean => Object.keys(value as Table).join() === rows.join();
    if (numbered(rows) && values.every(alike)) return fromColumns(parsed, rows);
  }
  const length = Array.isArray(values[0]) ? values[0].length : -1;
  if (values.length > 1 && values.every((value) => Array.isArray(value) && value.length === length))
    return fromColumns(
      parsed,
      Array.from({ length }, (_, i) => i),
    );
  return [parsed];
}
