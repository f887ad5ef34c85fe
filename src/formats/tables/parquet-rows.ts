/** Rows of a row group, put together from its columns as far as they are decoded. */
import type { FileMetaData, RowGroup, SchemaTree } from "hyparquet";
import { assembleNested } from "hyparquet/src/assemble.js";
import { getTreePath } from "hyparquet/src/schema.js";
import { checkFields, checkRows, type DataLimits } from "./limits.ts";
import { type ChunkRows, openChunk, parsers, type ReadBytes } from "./parquet-pages.ts";

/** So many rows at most are put together at once. */
const BATCH = 1024;

const leavesOf = (tree: SchemaTree): SchemaTree[] =>
  tree.children.length === 0 ? [tree] : tree.children.flatMap(leavesOf);

/** First byte of a column chunk, and the one behind it. Throws `Error` where it is not within the file. */
function chunkRange(
  { columns }: RowGroup,
  i: number,
  { where, size }: { where: string; size: number },
): { start: number; end: number } {
  const { meta_data: meta, file_path: elsewhere } = columns[i]!;
  if (!meta || elsewhere) throw new Error(`${where} has columns in another file`);
  const dictionary = Number(meta.dictionary_page_offset ?? 0);
  const data = Number(meta.data_page_offset);
  // Some writers state a dictionary's offset of 0 where there is none.
  const start = dictionary > 0 && dictionary < data ? dictionary : data;
  const end = start + Number(meta.total_compressed_size);
  if (!(start >= 4 && end >= start && end <= size)) throw new Error(`${where} lies outside of the file`);
  return { start, end };
}

interface Leaf {
  name: string;
  path: string;
  rows: ChunkRows;
}

/** A top-level column: its leaves, and how they make values. */
interface Column {
  name: string;
  tree: SchemaTree;
  leaves: Leaf[];
}

function take({ tree, leaves, name }: Column, count: number): ArrayLike<unknown> {
  if (tree.children.length === 0) return leaves[0]!.rows.take(count);
  const parts = new Map(leaves.map(({ path, rows }) => [path, rows.take(count)]));
  assembleNested(parts, tree, parsers);
  const found = parts.get(name);
  if (found?.length !== count) throw new Error(`${found?.length} of ${count} values of column ${name}`);
  return found;
}

/** Decodes pages until there is a row, or none is left; then how many rows there are. */
async function readyRows(leaves: readonly Leaf[], { held: most }: DataLimits): Promise<number> {
  let least = BATCH;
  let held = 0;
  for (const { rows } of leaves) {
    while (rows.ready() === 0) if (!(await rows.more())) break;
    least = Math.min(least, rows.ready());
    held += rows.held();
    if (held > most) throw new Error(`pages of ${held} bytes at once, more than the limit of ${most}`);
  }
  return least;
}

/**
 * The rows of a row group in batches of at most 1,024, decoded page by page: what is not requested is not decoded. Throws
 * `Error` for columns that are missing, are damaged, or hold other numbers of rows than the group states.
 */
export async function* groupRows(
  read: ReadBytes,
  group: RowGroup,
  {
    schema,
    size,
    wanted,
    where,
    unpacked,
    limits,
  }: {
    schema: SchemaTree;
    size: number;
    wanted: readonly string[];
    where: string;
    unpacked: (bytes: number) => void;
    limits: DataLimits;
  },
): AsyncGenerator<Record<string, unknown>[]> {
  const total = Number(group.num_rows);
  const columns = wanted.map((name): Column => {
    const tree = schema.children.find((child) => child.element.name === name)!;
    const leaves = leavesOf(tree).map((leaf): Leaf => {
      const path = leaf.path.join(".");
      const i = group.columns.findIndex(({ meta_data: meta }) => meta?.path_in_schema.join(".") === path);
      if (i < 0) throw new Error(`${where} has no column ${path}`);
      const meta = group.columns[i]!.meta_data!;
      const range = chunkRange(group, i, { where, size });
      const chunk = { meta, path: getTreePath(schema, leaf.path), ...range, unpacked, limits };
      return { name, path, rows: openChunk(read, chunk) };
    });
    return { name, tree, leaves };
  });
  const leaves = columns.flatMap((column) => column.leaves);
  for (let done = 0; done < total && leaves.length > 0; ) {
    const count = Math.min(await readyRows(leaves, limits), total - done);
    if (count === 0) {
      const short = leaves.find(({ rows }) => rows.ready() === 0)!;
      throw new Error(`${done} of ${total} rows of column ${short.path} in ${where}`);
    }
    const values = columns.map((column) => [column.name, take(column, count)] as const);
    yield Array.from({ length: count }, (_, i) =>
      Object.fromEntries(values.map(([name, column]) => [name, column[i]])),
    );
    done += count;
  }
}

/** Checks what the footer states of every column's place, and of the numbers of columns and rows, before any row is read. */
export function checkGroups(metadata: FileMetaData, size: number, limits: DataLimits): void {
  checkFields(metadata.schema.length - 1, limits);
  checkRows(
    metadata.row_groups.reduce((rows, group) => rows + Number(group.num_rows), 0),
    size,
    limits,
  );
  for (const [number, group] of metadata.row_groups.entries()) {
    if (!(Number(group.num_rows) >= 0)) throw new Error(`row group ${number} of ${group.num_rows} rows`);
    for (let i = 0; i < group.columns.length; i++)
      chunkRange(group, i, { where: `row group ${number}`, size });
  }
}
