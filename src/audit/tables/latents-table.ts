/** Latents of an audit as a table, and as files of the Embedding Projector. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type Columns,
  createParquet,
  type Row,
  readSafetensorsHeader,
  tsvLine,
  writeFileAtomic,
} from "../../formats/index.ts";
import { type Latents, ownBlocks, readLatents } from "../record/latents-file.ts";
import { isRight } from "../record/outcomes.ts";
import { examplesOf, type FoundAudit } from "./find-audits.ts";

const latentColumns = {
  audit: "string",
  example: "string",
  kind: "string",
  block: "int32",
  slot: "int32",
  vector: { list: "float32" },
} as const satisfies Columns;

/** The latents that an audit kept; null where it kept none. */
async function latentsOf({ directory }: FoundAudit): Promise<Latents | null> {
  const path = join(directory, "latents.safetensors");
  if (!existsSync(path)) return null;
  const ids = (await readSafetensorsHeader(path)).metadata.get("examples");
  return ids === undefined ? null : readLatents(path, JSON.parse(ids) as string[]);
}

/** Oracle of a row [K'·D]; undefined where it has none. */
function oracleOf(
  { slots, width, oracle, hasOracle, oracleCounts }: Latents,
  row: number,
): Float32Array | undefined {
  const start = row * slots * width;
  return hasOracle[row] ? oracle.subarray(start, start + (oracleCounts?.[row] ?? slots) * width) : undefined;
}

/**
 * Writes own and oracle latents of audits as Parquet: one row for each slot. Answers the number of rows.
 *
 * Errors: "output"; "input" and "checkpoint" for latents that are broken or were changed.
 */
export async function writeLatentsTable(audits: readonly FoundAudit[], path: string): Promise<number> {
  const file = await createParquet(path, latentColumns);
  let count = 0;
  try {
    for (const found of audits) {
      const latents = await latentsOf(found);
      if (!latents) continue;
      const { width, examples } = latents;
      const own = ownBlocks(latents);
      const rows = examples.flatMap((example, row): Row[] => {
        const oracle = oracleOf(latents, row);
        const blocks = [
          ...own[row]!.map((values, block) => ({ kind: "own", block, values })),
          ...(oracle ? [{ kind: "oracle", block: 0, values: oracle }] : []),
        ];
        return blocks.flatMap(({ kind, block, values }) =>
          Array.from({ length: values.length / width }, (_, slot) => ({
            audit: found.name,
            example,
            kind,
            block,
            slot,
            vector: [...values.subarray(slot * width, (slot + 1) * width)],
          })),
        );
      });
      await file.append(rows);
      count += rows.length;
    }
    await file.commit();
    return count;
  } catch (error) {
    await file.abort();
    throw error;
  }
}

const meanOf = (values: Float32Array, width: number): number[] =>
  Array.from({ length: width }, (_, d) => {
    let sum = 0;
    for (let at = d; at < values.length; at += width) sum += values[at]!;
    return (sum * width) / values.length;
  });

/**
 * Writes `vectors.tsv`, `metadata.tsv` and `projector_config.pbtxt` of the Embedding Projector into a directory: own latents
 * and oracles, the mean over the slots of a block. Answers the number of points; 0, and no files, where there are no latents.
 *
 * Errors: as `writeLatentsTable`.
 */
export async function writeProjector(found: FoundAudit, directory: string): Promise<number> {
  const latents = await latentsOf(found);
  if (!latents) return 0;
  const rows = new Map(latents.examples.map((example, row) => [example, row]));
  const own = ownBlocks(latents);
  const vectors: string[] = [];
  const points: {
    example: string;
    kind: string;
    answer: string;
    own: string;
    correct: string;
    attributes: object;
  }[] = [];
  for await (const { outcomes, question } of examplesOf([found])) {
    const { example, options, answer } = outcomes;
    const row = rows.get(example);
    if (row === undefined) continue;
    const oracle = oracleOf(latents, row);
    const reply = outcomes.outcomes.own;
    for (const [kind, values] of [
      ["own", own[row]![0]],
      ["oracle", oracle],
    ] as const) {
      if (!values || values.length === 0) continue;
      vectors.push(tsvLine(meanOf(values, latents.width)));
      points.push({
        example,
        kind,
        answer: options[answer]!,
        own: reply?.choice == null ? "" : options[reply.choice]!,
        correct: reply ? String(isRight(reply, answer)) : "",
        attributes: question?.attributes ?? {},
      });
    }
  }
  const keys = [...new Set(points.flatMap(({ attributes }) => Object.keys(attributes)))];
  const head = ["example", "kind", "answer", "own", "correct", ...keys];
  const metadata = points.map(({ attributes, ...point }) =>
    tsvLine([
      ...Object.values(point),
      ...keys.map((key) => (attributes as Record<string, unknown>)[key] ?? ""),
    ]),
  );
  await writeFileAtomic(join(directory, "vectors.tsv"), vectors.join(""));
  await writeFileAtomic(join(directory, "metadata.tsv"), [tsvLine(head), ...metadata].join(""));
  const config =
    'embeddings {\n  tensor_name: "latents"\n  tensor_path: "vectors.tsv"\n  metadata_path: "metadata.tsv"\n}\n';
  await writeFileAtomic(join(directory, "projector_config.pbtxt"), config);
  return points.length;
}
