/** Latents that another program saved: safetensors with `own` and, where there are any, `oracle` [n, K, D]. */
import { readSafetensors, readSafetensorsHeader, toFloat32 } from "../../formats/index.ts";
import { LintelError } from "../../util/index.ts";
import { type Latents, readLatents } from "../record/latents-file.ts";

/** Examples of the file: its metadata `examples` is a JSON list of ids, as rows have them. */
function idsOf(path: string, text: string | undefined): string[] {
  const refuse = (got: string): LintelError =>
    new LintelError("input", {
      where: path,
      expected: "metadata `examples`: the ids of the rows as a JSON list",
      got,
      attempt: 'save_file(tensors, path, metadata={"examples": json.dumps(ids)})',
    });
  if (text === undefined) throw refuse("none");
  let ids: unknown;
  try {
    ids = JSON.parse(text);
  } catch (cause) {
    throw refuse((cause as Error).message);
  }
  if (!Array.isArray(ids)) throw refuse(text.slice(0, 60));
  return ids.map(String);
}

/**
 * Reads the latents of examples. Rows count whose numbers are finite; of a file of Lintel's own form, those that `hasOwn` and
 * `hasOracle` name.
 *
 * Errors: "input" for shapes that do not fit together, ids twice or of no example, "checkpoint" for an unreadable file.
 */
export async function readForeignLatents(path: string, examples: readonly string[]): Promise<Latents> {
  const { metadata, tensors: entries } = await readSafetensorsHeader(path);
  const ids = idsOf(path, metadata.get("examples"));
  const refuse = (expected: string, got: string): LintelError =>
    new LintelError("input", { where: path, expected, got });
  const tensors = await readSafetensors(path);
  const own = tensors.get("own");
  if (!own) throw refuse("a tensor `own` [n, K, D]", [...entries.keys()].join(", ") || "no tensors");
  const [n, slots, width] =
    own.shape.length === 2 ? [own.shape[0]!, 1, own.shape[1]!] : (own.shape as [number, number, number]);
  if (own.shape.length < 2 || own.shape.length > 3 || n !== ids.length)
    throw refuse(`own of shape [${ids.length}, K, D], one row for each id`, `[${own.shape.join(", ")}]`);
  const oracle = tensors.get("oracle");
  if (oracle && oracle.data.length !== own.data.length)
    throw refuse(`oracle of the shape of own, [${own.shape.join(", ")}]`, `[${oracle.shape.join(", ")}]`);
  if (new Set(ids).size !== n) throw refuse("every id once", `${n} rows of ${new Set(ids).size} examples`);
  const known = new Set(examples);
  const foreign = ids.find((id) => !known.has(id));
  if (foreign !== undefined) throw refuse("ids of examples of the outcomes", JSON.stringify(foreign));
  // A file of Lintel, or one that says as much: flags, counts and further blocks are read as well.
  if (oracle && tensors.has("hasOwn") && tensors.has("hasOracle") && own.shape.length === 3)
    return (await readLatents(path, ids))!;
  const size = slots * width;
  const missing = new Float32Array(n * size).fill(Number.NaN);
  const values = { own: toFloat32(own), oracle: oracle ? toFloat32(oracle) : missing };
  const finite = (of: Float32Array): number[] =>
    ids.map((_, i) => Number(of.subarray(i * size, (i + 1) * size).every(Number.isFinite)));
  return {
    examples: ids,
    slots,
    width,
    ...values,
    hasOwn: finite(values.own),
    hasOracle: finite(values.oracle),
  };
}
