/** Examples of the splits that audits are of: a dataset of Lintel, or a benchmark read by a mapping. */
import { readAuditData } from "../audit/index.ts";
import { inlineImage } from "../report/index.ts";
import {
  described,
  type Example,
  type ExampleFacts,
  examplesFrom,
  factsOf,
  stampOfSplit,
} from "../tasks/index.ts";
import { LintelError } from "../util/index.ts";
import { base64 } from "./base64.ts";
import type { FoundAudit } from "./run-source.ts";
import type { RowsContent, Sample, SampleImage } from "./types.ts";

/** Attributes with more values than this are no filter. */
const VALUES = 40;
/** Examples whose attributes are read into the table. */
const FACTS = 200_000;

/** A split that audits are of: the key `samples/N/BLOCK` numbers them. */
export interface SampledSplit {
  /** Equal for equal splits. */
  name: string;
  /** `count` examples from number `from` on; null for one that cannot be read. */
  examples(from: number, count: number): Promise<(Example | null)[]>;
  facts(): Promise<readonly ExampleFacts[]>;
  /** Another text where the files were written anew. */
  stamp(): Promise<string>;
}

/** A split of a dataset of Lintel, of which nothing is kept in memory. */
const datasetSplit = (directory: string, split: string, task: string): SampledSplit => ({
  name: JSON.stringify([directory, split]),
  examples: async (from, count) =>
    (await examplesFrom(directory, split, from, count)).map((each) => each && described(task, each)),
  facts: () => factsOf(directory, split),
  stamp: () => stampOfSplit(directory, split),
});

/** A benchmark in the order of options that the audit had; its examples stay in memory, as in the audit. */
function benchmarkSplit(
  directory: string,
  split: string,
  map: string,
  { optionSeed, corrupted }: { optionSeed?: number | null; corrupted?: true | undefined },
): SampledSplit {
  let read: Promise<readonly Example[]> | null = null;
  const all = (): Promise<readonly Example[]> => {
    read ??= readAuditData(
      {
        directory,
        split,
        map,
        ...(optionSeed !== undefined && { shuffleOptions: optionSeed }),
        ...(corrupted && { corruptImage: true }),
      },
      0,
    ).then(({ examples }) => examples);
    read.catch(() => {
      read = null;
    });
    return read;
  };
  const opened = new Date().toISOString();
  return {
    name: JSON.stringify([directory, split, map, optionSeed, corrupted]),
    examples: async (from, count) => (await all()).slice(from, from + count),
    facts: async () =>
      (await all()).map(({ id, question, attributes }) => ({
        id,
        question,
        attributes: JSON.stringify(attributes),
      })),
    // Files of a mapping may be anywhere: what is derived from them is kept for this start only.
    stamp: async () => opened,
  };
}

/** The split of an audit; null where its dataset is not at hand. `map`: how the dataset is read, where the audit does not say it. */
export function splitOfAudit(
  { dataset, split, task, result }: Pick<FoundAudit, "dataset" | "split" | "task" | "result">,
  map?: string,
): SampledSplit | null {
  if (!dataset || !split) return null;
  const by = map ?? result?.benchmark?.mapping;
  return by === undefined
    ? datasetSplit(dataset, split, task)
    : benchmarkSplit(dataset, split, by, result?.benchmark ?? {});
}

/** An example as the page shows it. */
export async function sampleOf(example: Example): Promise<Sample> {
  const { id, question, options, optionTexts, answer, attributes, reasoning } = example;
  const all = (list: readonly Uint8Array[]): Promise<SampleImage[]> => Promise.all(list.map(inlineImage));
  const text = {
    id,
    question,
    options,
    answer,
    attributes,
    ...(optionTexts && { optionTexts }),
    ...(reasoning && { reasoning }),
  };
  try {
    const counterfactuals = await Promise.all(example.counterfactuals.map(async (each) => each && all(each)));
    return {
      ...text,
      images: await all(example.images),
      helpers: await all(example.helpers),
      counterfactuals,
    };
  } catch (error) {
    if (error instanceof LintelError && error.code === "installation") throw error;
    const missing = `An image of this example cannot be decoded: ${(error as Error).message.split("\n")[0]}.`;
    return { ...text, images: [], helpers: [], counterfactuals: [], missing };
  }
}

/** What the dataset adds to the rows of an audit. */
interface Facts {
  sample: string;
  attributes: RowsContent["attributes"];
  /** Rows that are not in the dataset. */
  lost: number;
}

/** Where each example of the outcomes is in its split, and its attributes with few values. */
export async function factsOfRows(ids: readonly string[], split: SampledSplit): Promise<Facts> {
  const facts = await split.facts();
  const place = new Map(facts.map(({ id }, i) => [id, i]));
  const sample = Int32Array.from(ids, (id) => place.get(id) ?? -1);
  /** By name: codes of the values; null where there are too many for a filter. */
  const names = new Map<string, { values: Map<string, number>; codes: Uint8Array } | null>();
  if (ids.length <= FACTS)
    for (const [row, at] of sample.entries()) {
      if (at < 0) continue;
      const attributes = JSON.parse(facts[at]!.attributes) as Record<string, unknown>;
      for (const name in attributes) {
        let found = names.get(name);
        if (found === null) continue;
        if (!found) {
          found = { values: new Map(), codes: new Uint8Array(ids.length).fill(255) };
          names.set(name, found);
        }
        const text = String(attributes[name]);
        const code = found.values.get(text) ?? found.values.size;
        if (code === VALUES) names.set(name, null);
        else {
          found.values.set(text, code);
          found.codes[row] = code;
        }
      }
    }
  const attributes = Object.fromEntries(
    [...names].flatMap(([name, found]) =>
      found && found.values.size > 1
        ? [[name, { values: [...found.values.keys()], codes: base64(found.codes) }]]
        : [],
    ),
  );
  return { sample: base64(sample), attributes, lost: sample.filter((at) => at < 0).length };
}
