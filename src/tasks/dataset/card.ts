import { stringify } from "yaml";
import type { ColumnKind, Columns } from "../../formats/index.ts";
import type { Attribute, Example, Parameters } from "../types.ts";
import { cardCode, cardText } from "./card-text.ts";
import { columns } from "./columns.ts";

/** Counts gathered while the examples of a split go by. */
interface Tally {
  examples: number;
  /** How often each option is the right one. */
  answers: number[];
  /** How often each value of an attribute occurs; null once there are too many to list. */
  attributes: Map<string, Map<Attribute, number> | null>;
}

/** A split, counted and stored. */
export interface SplitFacts {
  name: string;
  bytes: number;
  tally: Tally;
}

interface CardFacts {
  task: string;
  title: string;
  description: string;
  seed: number | null;
  parameters: Parameters;
  splits: SplitFacts[];
  /** Those of the files; if left out those that every dataset has. */
  columns?: Columns;
  /** An example to show, in Markdown (`figureOf`). */
  figure?: string;
}

const listed = 12;

/** An empty tally, and how to add an example to it. */
export const newTally = (): Tally => ({ examples: 0, answers: [], attributes: new Map() });

/** Adds an example to a tally. */
export function count(tally: Tally, example: Pick<Example, "options" | "answer" | "attributes">): void {
  tally.examples++;
  while (tally.answers.length < example.options.length) tally.answers.push(0);
  tally.answers[example.answer]!++;
  for (const [name, value] of Object.entries(example.attributes)) {
    const values = tally.attributes.get(name);
    if (values === null) continue;
    const known = values ?? new Map<Attribute, number>();
    known.set(value, (known.get(value) ?? 0) + 1);
    tally.attributes.set(name, known.size > listed ? null : known);
  }
}

/**
 * The name under which `datasets` knows a split: it allows no hyphen ("held-out" is "held_out" there).
 *
 * @example
 * huggingFaceSplit("held-out"); // "held_out"
 */
export const huggingFaceSplit = (split: string): string => split.replace(/\W/g, "_");

function yamlFeature(kind: ColumnKind): Record<string, unknown> {
  if (typeof kind === "string") return { dtype: kind };
  return { list: typeof kind.list === "string" ? kind.list : yamlFeature(kind.list) };
}

function sizeCategory(examples: number): string {
  const bounds = [1e3, 1e4, 1e5, 1e6];
  const names = ["n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M"];
  const at = bounds.findIndex((bound) => examples < bound);
  return names[at < 0 ? names.length - 1 : at]!;
}

const table = (rows: (string | number)[][]): string =>
  [rows[0]!, rows[0]!.map(() => "---"), ...rows.slice(1)].map((row) => `| ${row.join(" | ")} |`).join("\n");

function attributeLines(splits: SplitFacts[]): string[] {
  const names = [...new Set(splits.flatMap(({ tally }) => [...tally.attributes.keys()]))];
  return names.flatMap((name) => {
    const merged = new Map<Attribute, number>();
    for (const { tally } of splits) {
      const values = tally.attributes.get(name);
      if (values === null) return [`- ${cardCode(name)}: many values`];
      for (const [value, times] of values ?? []) merged.set(value, (merged.get(value) ?? 0) + times);
    }
    if (merged.size > listed) return [`- ${cardCode(name)}: many values`];
    const values = [...merged]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([value, times]) => `${cardText(String(value))} (${times})`);
    return [`- ${cardCode(name)}: ${values.join(", ")}`];
  });
}

/** What is said of columns that only some datasets have. */
const extraLines = [
  ["caption", "`caption`: what the images show, in words"],
  [
    "edits",
    "`edits`, `editKinds`, `editAnswers`: edited versions of the images, what was changed in each, and the index of the option " +
      "that is right after it",
  ],
] as const;

/**
 * The dataset card (README.md): front matter by which `datasets` and the Hub find splits and features, then what
 * the dataset is, its statistics, and how to load it.
 */
export function datasetCard(facts: CardFacts): string {
  const { splits, columns: shown = columns } = facts;
  const bytes = splits.reduce((sum, split) => sum + split.bytes, 0);
  const examples = splits.reduce((sum, split) => sum + split.tally.examples, 0);
  const front = {
    pretty_name: `Lintel: ${facts.title}`,
    license: "apache-2.0",
    language: ["en"],
    task_categories: ["visual-question-answering"],
    size_categories: [sizeCategory(examples)],
    tags: ["latent-reasoning", "diagnostic", "synthetic", "lintel"],
    configs: [
      {
        config_name: "default",
        data_files: splits.map(({ name }) => ({
          split: huggingFaceSplit(name),
          path: `data/${name}-[0-9]*`,
        })),
      },
    ],
    dataset_info: {
      features: Object.entries(shown).map(([name, kind]) => ({ name, ...yamlFeature(kind) })),
      splits: splits.map((split) => ({
        name: huggingFaceSplit(split.name),
        num_bytes: split.bytes,
        num_examples: split.tally.examples,
      })),
      download_size: bytes,
      dataset_size: bytes,
    },
  };
  const options = Math.max(0, ...splits.map(({ tally }) => tally.answers.length));
  const positions = Array.from({ length: options }, (_, i) => `answer ${i}`);
  const parameters = Object.entries(facts.parameters).map(
    ([name, value]) => `${cardCode(name)} = ${cardText(String(value))}`,
  );
  const example = splits[0]?.name ?? "train";
  return `---
${stringify(front, { lineWidth: 0 })}---

# ${cardText(facts.title)}

${cardText(facts.description)}

Made by Lintel: task ${cardCode(facts.task)}, seed ${facts.seed ?? "none"}${parameters.length ? `, ${parameters.join(", ")}` : ""}.
The same task, seed and parameters give the same pixels again.

${facts.figure === undefined ? "" : `## An example\n\n${facts.figure}\n\n`}## Splits

${table([
  ["split", "examples", ...positions, "MB"],
  ...splits.map(({ name, tally, bytes: size }) => [
    name,
    tally.examples,
    ...positions.map((_, i) => tally.answers[i] ?? 0),
    (size / 1e6).toFixed(2),
  ]),
])}

## Columns

- \`id\`: unique within the dataset
- \`question\`: every \`<image>\` stands for the next of \`images\`
- \`images\`: PNG images of the input
- \`options\`: what may be answered; \`answer\` is the index of the right one
- \`helpers\`: the intermediate images that oracle latents are made of
- \`counterfactuals\`: for each option the helpers that would make it right; null for the right one and where there are none
- \`attributes\`: JSON object of what is known about the example
- \`reasoning\`: what is said before each helper and after the last one; null where nothing is to be said
- \`state\`: JSON value of all that was painted
${extraLines.flatMap(([name, line]) => (name in shown ? [`- ${line}\n`] : [])).join("")}
## Attributes

${attributeLines(splits).join("\n")}

## Loading

\`\`\`python
from datasets import load_dataset

dataset = load_dataset("path/to/this/directory", split="${huggingFaceSplit(example)}")
dataset[0]["images"]  # PIL images
\`\`\`

\`\`\`js
import { readSplit } from "lintel";

const { examples } = await readSplit("path/to/this/directory", "${example}");
\`\`\`

Licence: Apache-2.0.
`;
}
