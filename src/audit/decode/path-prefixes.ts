/** The prefix that continuations on a path start from. Where it can be, it is the shared one. */
import {
  interventionOf,
  type PathName,
  promptOf,
  readAgain,
  type SharedPrefix,
  withoutColumns,
} from "../../reasoning/index.ts";
import type { Example } from "../../tasks/index.ts";
import { random } from "../../util/index.ts";
import type { DecodeSession } from "./decode-session.ts";

/** The example with gray images. */
async function blanked(example: Example, index: number, examples: readonly Example[]): Promise<Example> {
  const context = { example, index, examples, random: random(0, "blank", example.id) };
  return (await interventionOf("blank-image").input!(context))?.example ?? example;
}

/** The prefix of a batch on a path; any other name gives the shared one. */
export async function prefixOn(
  session: DecodeSession,
  batch: number,
  path: PathName | "plain" | "masked",
): Promise<SharedPrefix> {
  const shared = await session.prefixOf(batch);
  const { model, batches } = session;
  const of = (examples: readonly Example[]) =>
    Promise.all(examples.map((example) => promptOf(model, example)));
  const remote = "remote" in model.network;
  if (path === "dropped") {
    // An engine elsewhere keeps the cache: it reads prompt and text again and drops the images behind them.
    if (remote) return readAgain(model, await of(batches[batch]!), shared, { dropImages: true });
    const images = shared.rows.map(({ layout }) => layout.images);
    return { ...shared, prefix: withoutColumns(shared.prefix, images) };
  }
  if (path === "unseen") return readAgain(model, await of(batches[batch]!), shared, { hideImages: true });
  if (path === "blank") {
    const gray = await Promise.all(batches[batch]!.map((example, i) => blanked(example, i, batches[batch]!)));
    return readAgain(model, await of(gray), shared);
  }
  return shared;
}
