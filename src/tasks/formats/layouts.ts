import { ensure } from "../../util/index.ts";
import type { Example, Json } from "../types.ts";

/** Paths of an example's images, relative to the directory of its records. */
export interface Paths {
  images: string[];
  helpers: string[];
  counterfactuals: (string[] | null)[];
  edits: string[][];
}

/** How a dataset of records and image files is laid out. */
export interface RecordLayout {
  description: string;
  /** The file of a split, relative to the dataset; its directory also holds the split's images. */
  file(split: string): string;
  /** A record per line, or one JSON list. */
  lines: boolean;
  /** Whether counterfactual helpers and edited images are written too. */
  counterfactuals: boolean;
  /** One example as a record. Throws `LintelError` "usage" for an example that the layout cannot hold. */
  record(example: Example, paths: Paths, about: { task: string; number: number }): Json;
}

const letters = "abcdefghijklmnopqrstuvwxyz";

/** Records that say all that the Parquet files say, for those who read JSON. */
const jsonl: RecordLayout = {
  description: "one JSON record a line, images as PNG files beside it",
  file: (split) => `${split}.jsonl`,
  lines: true,
  counterfactuals: true,
  record(example, paths) {
    const { id, question, options, answer, attributes, reasoning, state, caption, edits } = example;
    return {
      id,
      question,
      images: paths.images,
      options,
      answer,
      helpers: paths.helpers,
      counterfactuals: paths.counterfactuals,
      attributes,
      ...(reasoning && { reasoning }),
      ...(state !== undefined && { state }),
      ...(caption !== undefined && { caption }),
      ...(edits && {
        edits: edits.map(({ kind, answer: right }, i) => ({ kind, images: paths.edits[i]!, answer: right })),
      }),
    };
  },
};

/**
 * The records that LanteRn's `SFTTetrisDataset` reads (src/datasets/sft_tetris_data.py): one composite picture, one
 * intermediate picture, a letter; reasoning before the block, after it under the answer's place in a list, and the rest.
 * The class looks for images beside the file, so the held-out split has a directory of its own, as its authors have it.
 */
const lantern: RecordLayout = {
  description: "the records that LanteRn's SFTTetrisDataset loads",
  file: (split) =>
    split.startsWith("held-out")
      ? `${split.replaceAll("-", "_")}/${split.replaceAll("-", "_")}.json`
      : `${split}.json`,
  lines: false,
  counterfactuals: false,
  record(example, paths, { task, number }) {
    const { id, options, answer, attributes, reasoning = [] } = example;
    const [image, ...more] = paths.images;
    ensure(image !== undefined && more.length === 0 && paths.helpers.length === 1, "usage", () => ({
      where: `--format lantern, example ${id}`,
      expected: "one picture and one helper an example: that layout has room for no more",
      got: `${paths.images.length} and ${paths.helpers.length}`,
      attempt: 'the full rendering of a task with one helper, or "--format jsonl"',
    }));
    ensure(!example.edits?.length, "usage", () => ({
      where: `--format lantern, example ${id}`,
      expected: "no edited versions: that layout has no room for them",
      got: `${example.edits!.length}`,
      attempt: '"--format jsonl", or none',
    }));
    const named = options.every((option, i) => option === letters[i]);
    const question = example.question.replaceAll("<image>", "").trim();
    const choices = options.map((option, i) => `(${letters[i]}) ${option}`).join(" ");
    const [before = "", ...after] = reasoning;
    const letter = letters[answer]!;
    return {
      sample_id: number,
      img_path: image,
      question: named ? question : `${question}\nOptions: ${choices}`,
      answer: letter,
      bboxs: [],
      reasoning_traces: {
        pre_visual_text_think: before,
        intermediate_img_path: paths.helpers[0]!,
        post_visual_text_think: options.map((_, i) => (i === answer ? after.join(" ") : "")),
        text_think: "",
        answer: letter,
      },
      dataset: `lintel_${task}`,
      lintel_id: id,
      // Its batches keep examples of one intermediate picture apart by these.
      shape_C_name: String(attributes.orbit ?? attributes.scene ?? id),
      intermediate_key: id,
      attributes,
    };
  },
};

/** Every layout besides Parquet. */
export const layouts = { jsonl, lantern } as const satisfies Record<string, RecordLayout>;

export type LayoutName = keyof typeof layouts;

export type DatasetFormat = "lintel" | LayoutName;
