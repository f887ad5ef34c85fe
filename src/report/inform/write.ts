/** What `lintel inform` leaves behind: the figures, and a page to look at. */
import { join } from "node:path";
import { ensureDirectory, writeFileAtomic } from "../../formats/index.ts";
import type { InformResult } from "../../inform/index.ts";
import type { Example } from "../../tasks/index.ts";
import { inlineImage } from "../images.ts";
import { chooseHelpers, type HelperCase, renderInform } from "./page.ts";

async function caseOf(example: Example, measured: InformResult["examples"][number]): Promise<HelperCase> {
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
 * Writes `inform.json` and `inform.html` into a directory, which is made where it is missing. Throws `LintelError`
 * "output" where that fails.
 *
 * @param examples - Those that were measured; the page shows the ones whose helpers tell most and least.
 * @example
 * const examples = [...tasks.crop.generate("train", 60, 0, { rendering: "pocket" })];
 * const result = await inform(examples, { dataset: "demo", task: "crop", split: "train", folds: 2 });
 * (await writeInform("inform-example", result, examples)).json; // ".../inform-example/inform.json"
 */
export async function writeInform(
  directory: string,
  result: InformResult,
  examples: readonly Example[],
): Promise<{ page: string; json: string }> {
  const root = await ensureDirectory(directory);
  const json = join(root, "inform.json");
  const page = join(root, "inform.html");
  const byId = new Map(examples.map((example) => [example.id, example]));
  const { most, least } = chooseHelpers(result);
  const cases = (chosen: InformResult["examples"]) =>
    Promise.all(
      chosen.flatMap((measured) => {
        const example = byId.get(measured.id);
        return example ? [caseOf(example, measured)] : [];
      }),
    );
  const markup = renderInform(result, { most: await cases(most), least: await cases(least) });
  await writeFileAtomic(json, `${JSON.stringify(result, null, 1)}\n`);
  await writeFileAtomic(page, markup);
  return { page, json };
}
