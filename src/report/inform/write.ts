/** Files of `lintel inform`: inform.json and inform.html. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type Claim,
  claim,
  compareClaim,
  digestOf,
  ensureDirectory,
  readJson,
  writeFileAtomic,
} from "../../formats/index.ts";
import { type InformResult, informSchema } from "../../inform/index.ts";
import type { Example } from "../../tasks/index.ts";
import { inlineImage } from "../images.ts";
import { type HelperExample, pickHelpers, renderInform } from "./inform-page.ts";

async function helperExample(
  example: Example,
  measured: InformResult["examples"][number],
): Promise<HelperExample> {
  const all = (images: readonly Uint8Array[]) => Promise.all(images.map(inlineImage));
  const { question, options, answer } = example;
  return {
    measured,
    question,
    options,
    answer,
    images: await all(example.images),
    helpers: await all(example.helpers),
  };
}

/**
 * The request that a directory of results belongs to: one measurement of one set of examples.
 *
 * @example
 * informRequest({ task: "crop", split: "train", seed: 0, folds: 3 }, []).kind; // "inform"
 */
export const informRequest = (
  { task, split, seed, folds }: Pick<InformResult, "task" | "split" | "seed" | "folds">,
  examples: readonly Example[],
): Claim => ({
  kind: "inform",
  what: "a measurement of helpers",
  inputs: {
    data: {
      task,
      split,
      "number of examples": examples.length,
      "content (questions, images, options, helpers)": digestOf(examples),
    },
    options: { seed, folds },
  },
});

const filesOf = (root: string) => ({ json: join(root, "inform.json"), page: join(root, "inform.html") });

/**
 * The result of exactly this request in a directory; null where the directory is unused.
 *
 * Errors: "usage" where it holds anything else.
 *
 * @example
 * const request = informRequest({ task: "crop", split: "train", seed: 0, folds: 2 }, []);
 * await finishedInform("no-such-directory", request); // null
 */
export async function finishedInform(directory: string, request: Claim): Promise<InformResult | null> {
  if ((await compareClaim(directory, request)) === "new") return null;
  const { json, page } = filesOf(directory);
  if (!existsSync(page)) return null;
  const value = await readJson(json, { expected: "JSON, as Lintel wrote it", attempt: "deleting the file" });
  return value === null ? null : informSchema.parse(value);
}

/**
 * Writes `inform.json` and `inform.html` into a directory, which is made where it is missing.
 *
 * Errors: "usage" where the directory holds anything but the same measurement, "output" where it cannot be written.
 *
 * @param examples - Those that were measured; the page shows the most and the least informative ones.
 * @example
 * const examples = [...tasks.crop.generate("train", 60, 0, { rendering: "pocket" })];
 * const result = await inform(examples, { dataset: "demo", task: "crop", split: "train", folds: 2 });
 * (await writeInform("inform-example", result, examples)).json.endsWith("inform-example/inform.json"); // true
 */
export async function writeInform(
  directory: string,
  result: InformResult,
  examples: readonly Example[],
): Promise<{ page: string; json: string }> {
  const root = await ensureDirectory(directory);
  await claim(root, informRequest(result, examples));
  const { json, page } = filesOf(root);
  const byId = new Map(examples.map((example) => [example.id, example]));
  const { most, least } = pickHelpers(result);
  const shown = (chosen: InformResult["examples"]) =>
    Promise.all(
      chosen.flatMap((measured) => {
        const example = byId.get(measured.id);
        return example ? [helperExample(example, measured)] : [];
      }),
    );
  const markup = renderInform(result, { most: await shown(most), least: await shown(least) });
  await writeFileAtomic(json, `${JSON.stringify(result, null, 1)}\n`);
  await writeFileAtomic(page, markup);
  return { page, json };
}
