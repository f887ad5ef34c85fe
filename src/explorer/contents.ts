/** Makes contents by key: the only things that the app, the server and the static export know of a run. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type ModelRequest, readQuestions, requestNotes } from "../audit/index.ts";
import { readJournal } from "../formats/index.ts";
import { descriptionOf, inOrder, roleOf, trainingCurve, VERDICTS } from "../report/index.ts";
import type { Example } from "../tasks/index.ts";
import { FOLLOWED_FILE } from "../training/index.ts";
import { lintelVersion } from "../util/index.ts";
import { recordedModel } from "./answers/recorded.ts";
import type { AuditedModel, KeyedExample } from "./answers/types.ts";
import { base64 } from "./base64.ts";
import { compareAudits } from "./compare-audits.ts";
import { courseContent } from "./course.ts";
import { firstRows, type JournalIndex, journalIndex, outcomesAt, searchJournal } from "./journal-index.ts";
import { kept, stampOf } from "./kept.ts";
import { latentsContent } from "./latents.ts";
import { meanContent } from "./mean.ts";
import { modelContent, PAGE_BYTES, weightBytes } from "./model-content.ts";
import { type FoundAudit, type RunSource, readSource } from "./run-source.ts";
import { factsOfRows, type SampledSplit, sampleOf, splitOfAudit } from "./splits.ts";
import {
  type CellEntry,
  type LatentsContent,
  type MeanContent,
  OUTCOME_BLOCK,
  type RowsContent,
  type RunContent,
  SAMPLE_BLOCK,
} from "./types.ts";

/** Attributes of fewer rows are read in a moment: they are not kept. */
const WORTH_KEEPING = 5000;

/** A run whose contents are made by key. */
export interface Contents {
  /** The content of a key; null where there is none of that key. */
  get(key: string): Promise<unknown>;
  /** Every key but searches and comparisons, for an export. */
  keys(): Promise<string[]>;
  /** A row of an audit whose model answers beside the server; null where there is none. */
  asked(audit: number, row: number): Promise<{ model: AuditedModel; example: KeyedExample } | null>;
}

export interface ContentOptions {
  /** Dataset of the audits; default: that of the run. */
  data?: string | undefined;
  /** By which mapping it is read; default: the audit's own. */
  map?: string | undefined;
  /** Only so many examples of each audit. */
  examples?: number | undefined;
  /** The model of the audits, and options that it is loaded with; default: the checkpoint of the run. */
  model?: Partial<ModelRequest> | undefined;
  /** Bytes of the models that run in the page, all together: the first that fit; default: all. */
  modelBytes?: number | undefined;
  /** Which models answer beside the server: none (an export), those that do not fit a page, or all. */
  beside?: "none" | "large" | "all" | undefined;
}

/** Remembers the value of a key until its stamp changes. */
function remembering<T>(): (key: string, stamp: string, make: () => Promise<T>) => Promise<T> {
  const kept = new Map<string, { stamp: string; value: Promise<T> }>();
  return (key, stamp, make) => {
    const before = kept.get(key);
    if (before?.stamp === stamp) return before.value;
    const value = make();
    kept.set(key, { stamp, value });
    value.catch(() => kept.delete(key));
    return value;
  };
}

/** Contents of what the paths hold; see `types.ts` for the keys. */
export async function openContents(
  paths: readonly string[],
  {
    data,
    map,
    examples: most = Number.POSITIVE_INFINITY,
    model: given = {},
    modelBytes = Number.POSITIVE_INFINITY,
    beside = "none",
  }: ContentOptions = {},
): Promise<Contents> {
  const read = (): Promise<RunSource> => readSource(paths, { data, map, checkpoint: given.directory });
  let source = await read();
  const indexes = remembering<JournalIndex>();
  const others = remembering<unknown>();
  /** Splits by number; they keep their numbers while the run grows. */
  const splits: SampledSplit[] = [];
  const splitOf = (audit: FoundAudit): number | null => {
    const split = splitOfAudit(audit, map);
    if (!split) return null;
    const at = splits.findIndex(({ name }) => name === split.name);
    return at >= 0 ? at : splits.push(split) - 1;
  };
  /** Checkpoints by number. */
  const models: string[] = [];
  let left = modelBytes;
  const modelOf = async ({ checkpoint }: FoundAudit): Promise<number | null> => {
    if (!checkpoint || beside === "all") return null;
    const bytes = await weightBytes(checkpoint);
    if (bytes > PAGE_BYTES) return null;
    const at = models.indexOf(checkpoint);
    if (at >= 0) return at;
    if (bytes > left) return null;
    left -= bytes;
    return models.push(checkpoint) - 1;
  };
  /** Whether the audit's model answers beside the server. */
  const isBeside = async (audit: FoundAudit): Promise<boolean> =>
    beside !== "none" && audit.checkpoint !== null && (await modelOf(audit)) === null;
  const auditAt = (text: string | undefined): FoundAudit | undefined => source.audits[Number(text)];
  const journal = ({ directory }: FoundAudit): string => join(directory, "outcomes.jsonl");
  const wholeIndexOf = async (audit: FoundAudit): Promise<JournalIndex> =>
    indexes(audit.directory, await stampOf(journal(audit)), () => journalIndex(journal(audit)));
  const indexOf = async (audit: FoundAudit): Promise<JournalIndex> =>
    firstRows(await wholeIndexOf(audit), most);

  const run = async (): Promise<RunContent> => {
    source = await read();
    const { results, audits } = source;
    const names = new Set(audits.flatMap(({ result }) => Object.keys(result?.interventions ?? {})));
    const cells = source.cells.length > 0 ? source.cells : (results?.cells ?? []);
    const trained = new Map(results?.cells.map(({ id, training }) => [id, training]));
    const entries = cells.map((cell): CellEntry => {
      const { id, task, recipe, seed, audits: planned } = cell;
      const finished = audits.filter((audit) => audit.cell === id && audit.result).length;
      const steps = "training" in cell && "steps" in cell.training ? Number(cell.training.steps) : null;
      const has = (name: string): boolean =>
        source.run !== null && existsSync(join(source.run, "models", id, name));
      return {
        id,
        task,
        recipe,
        seed: String(seed),
        training: trained.get(id) ?? null,
        steps,
        curve: has("training.jsonl"),
        course: has(FOLLOWED_FILE),
        audited: finished,
        audits: planned.length,
      };
    });
    return {
      lintel: lintelVersion(),
      title: source.title,
      kind: source.run ? "study" : "audits",
      state: source.state,
      notes: source.notes,
      audits: await Promise.all(
        audits.map(async ({ directory: _, dataset: __, checkpoint: ___, ...audit }, i) => ({
          ...audit,
          samples: splitOf(audits[i]!),
          model: await modelOf(audits[i]!),
          beside: await isBeside(audits[i]!),
        })),
      ),
      cells: entries,
      findings: results?.findings ?? [],
      leaderboard: results?.leaderboard ?? [],
      factors: results?.factors ?? [],
      seconds: results?.seconds ?? null,
      interventions: Object.fromEntries(
        inOrder([...names]).map((name) => [name, { role: roleOf(name), text: descriptionOf(name) }]),
      ),
      verdicts: VERDICTS,
    };
  };

  /** Kept beside a finished audit of which all rows are shown, else made anew. */
  const keptOf = async <T>(audit: FoundAudit, name: string, stamp: string, make: () => Promise<T>) =>
    audit.result && (await wholeIndexOf(audit)).rows.n <= most
      ? kept(audit.directory, name, stamp, make)
      : make();
  const withFacts = async (
    audit: FoundAudit,
    rows: RowsContent,
    split: SampledSplit,
  ): Promise<RowsContent> => {
    try {
      const stamp = `${await stampOf(journal(audit))} ${await split.stamp()}`;
      const { lost, ...facts } =
        rows.n < WORTH_KEEPING
          ? await factsOfRows(rows.ids, split)
          : await keptOf(audit, "facts", stamp, () => factsOfRows(rows.ids, split));
      const notes =
        lost > 0 ? [...rows.notes, `${lost} examples of the audit are not in the dataset.`] : rows.notes;
      return { ...rows, ...facts, notes };
    } catch (error) {
      const note = `Questions and images are not shown: ${(error as Error).message}.`;
      return { ...rows, notes: [...rows.notes, note] };
    }
  };
  const rowsOf = async (audit: FoundAudit): Promise<RowsContent> => {
    const { rows } = await indexOf(audit);
    const number = splitOf(audit);
    const stamp = `${await stampOf(journal(audit))} ${await stampOf(join(audit.directory, "latents.safetensors"))}`;
    return others(`rows ${audit.directory}`, stamp, async () => {
      const placed = number === null ? rows : await withFacts(audit, rows, splits[number]!);
      const latents = audit.latents ? await latentsOf(audit).catch(() => null) : null;
      if (!latents?.views[0]) return placed;
      const ranks = new Uint16Array(Uint8Array.from(Buffer.from(latents.views[0].ranks, "base64")).buffer);
      const rank = new Uint16Array(rows.n);
      for (const [i, row] of latents.rows.entries()) rank[row] = ranks[i]!;
      return { ...placed, rank: base64(rank) };
    }) as Promise<RowsContent>;
  };
  const latentsOf = async (audit: FoundAudit): Promise<LatentsContent> => {
    const path = join(audit.directory, "latents.safetensors");
    const { rows } = await indexOf(audit);
    const stamp = `${await stampOf(path)} ${await stampOf(journal(audit))}`;
    return others(`latents ${audit.directory}`, `${stamp} ${rows.n}`, () =>
      keptOf(audit, "latents", stamp, () => latentsContent(path, rows.ids)),
    ) as Promise<LatentsContent>;
  };

  const meanOf = async (audit: FoundAudit): Promise<MeanContent> => {
    const path = join(audit.directory, "latents.safetensors");
    return others(`mean ${audit.directory}`, await stampOf(path), () =>
      meanContent(path),
    ) as Promise<MeanContent>;
  };
  /** The example of a row; null where the dataset does not have it. */
  const exampleOf = async (audit: FoundAudit, row: number): Promise<Example | null> => {
    const split = splits[splitOf(audit) ?? -1];
    const { sample } = await rowsOf(audit);
    if (!split || sample === undefined) return null;
    const places = new Int32Array(Uint8Array.from(Buffer.from(sample, "base64")).buffer);
    const at = places[row] ?? -1;
    return at < 0 ? null : ((await split.examples(at, 1))[0] ?? null);
  };

  /** Blocks of a split that examples of its audits are in. */
  const sampledBlocks = async (split: number): Promise<Set<number>> => {
    const found = new Set<number>();
    for (const audit of source.audits) {
      if (!audit.outcomes || splitOf(audit) !== split) continue;
      const { sample } = await rowsOf(audit);
      const places = Uint8Array.from(Buffer.from(sample ?? "", "base64")).buffer;
      for (const at of new Int32Array(places)) if (at >= 0) found.add(Math.floor(at / SAMPLE_BLOCK));
    }
    return found;
  };

  /** A file in the directory of a cell's model; null where there is none. */
  const fileOfModel = (a: string, name: string): string | null => {
    const cell = (source.cells.length > 0 ? source.cells : (source.results?.cells ?? []))[Number(a)];
    const path = cell && source.run && join(source.run, "models", cell.id, name);
    return path && existsSync(path) ? path : null;
  };

  /** How the content of each kind is made from the parts of its key. */
  const kinds: Record<string, (a: string, b: string) => Promise<unknown>> = {
    run,
    rows: async (a) => (auditAt(a)?.outcomes ? rowsOf(auditAt(a)!) : null),
    outcomes: async (a, b) => {
      const audit = auditAt(a);
      if (!audit?.outcomes) return null;
      const from = Number(b) * OUTCOME_BLOCK;
      const found = await outcomesAt(journal(audit), await indexOf(audit), from, from + OUTCOME_BLOCK);
      return found.length > 0 ? found : null;
    },
    search: async (a, b) =>
      auditAt(a)?.outcomes
        ? searchJournal(journal(auditAt(a)!), await indexOf(auditAt(a)!), decodeURIComponent(b))
        : null,
    samples: async (a, b) => {
      const split = splits[Number(a)];
      if (!split) return null;
      const found = await split.examples(Number(b) * SAMPLE_BLOCK, SAMPLE_BLOCK);
      return found.length > 0 ? Promise.all(found.map((example) => example && sampleOf(example))) : null;
    },
    latents: async (a) => (auditAt(a)?.latents && auditAt(a)?.outcomes ? latentsOf(auditAt(a)!) : null),
    mean: async (a) => (auditAt(a)?.latents ? meanOf(auditAt(a)!) : null),
    model: async (a) => (models[Number(a)] ? modelContent(models[Number(a)]!) : null),
    curve: async (a) => {
      const path = fileOfModel(a, "training.jsonl");
      return path && trainingCurve(await readJournal(path));
    },
    course: async (a) => {
      const path = fileOfModel(a, FOLLOWED_FILE);
      return path && others(path, await stampOf(path), () => courseContent(path));
    },
    compare: async (a, b) => {
      const [one, two] = [auditAt(a), auditAt(b)];
      if (!one?.outcomes || !two?.outcomes) return null;
      const [{ rows }, number] = [await wholeIndexOf(one), splitOf(one)];
      const { attributes } = number === null ? rows : await withFacts(one, rows, splits[number]!);
      return compareAudits(
        [journal(one), await wholeIndexOf(one)],
        [journal(two), await wholeIndexOf(two)],
        {
          margin: one.result?.comparisons[0]?.margin ?? 0.02,
          names: [one.name, two.name],
          notes: await requestNotes(one.directory, two.directory),
          questions: [await readQuestions(one.directory), await readQuestions(two.directory)],
        },
        attributes,
      );
    },
  };

  return {
    get: async (key) => {
      const [, kind, a = "", b = ""] = /^([a-z]+)(?:\/(\d+))?(?:\/([^/]+))?$/.exec(key) ?? [];
      if (!kind || !Object.hasOwn(kinds, kind)) return null;
      if (b !== "" && kind !== "search" && !/^\d+$/.test(b)) return null;
      if (kind !== "run" && splits.length === 0) await run();
      return kinds[kind]!(a, b);
    },
    asked: async (a, row) => {
      const audit = source.audits[a];
      if (!audit?.outcomes || !(await isBeside(audit))) return null;
      const example = await exampleOf(audit, row);
      if (!example) return null;
      const { directory, result, task, checkpoint } = audit;
      return {
        model: await recordedModel(directory, result, result?.benchmark?.mapping ?? task, {
          ...given,
          directory: checkpoint!,
        }),
        example: { key: `${directory} ${row} ${example.id}`, example },
      };
    },
    keys: async () => {
      const { audits, cells } = await run();
      const keys = ["run"];
      for (const [a, audit] of audits.entries()) {
        if (!audit.outcomes) continue;
        keys.push(`rows/${a}`);
        const { rows } = await indexOf(source.audits[a]!);
        for (let block = 0; block * OUTCOME_BLOCK < rows.n; block++) keys.push(`outcomes/${a}/${block}`);
        if (audit.latents) keys.push(`latents/${a}`, ...(audit.model === null ? [] : [`mean/${a}`]));
      }
      for (const [n, split] of splits.entries()) {
        const { length } = await split.facts().catch(() => []);
        const blocks = Number.isFinite(most) ? await sampledBlocks(n) : null;
        for (let block = 0; block * SAMPLE_BLOCK < length; block++)
          if (blocks?.has(block) ?? true) keys.push(`samples/${n}/${block}`);
      }
      for (const n of models.keys()) keys.push(`model/${n}`);
      for (const [c, { curve, course }] of cells.entries())
        keys.push(...(curve ? [`curve/${c}`] : []), ...(course ? [`course/${c}`] : []));
      const pairs = audits.flatMap((one, a) =>
        audits.flatMap((two, b) =>
          a < b && one.outcomes && two.outcomes && one.task === two.task && one.split === two.split
            ? [`compare/${a}/${b}`]
            : [],
        ),
      );
      return [...keys, ...pairs];
    },
  };
}
