/** Pictures and messages as the checkpoint's own processor reads them, at an engine. */
import type { Connection, Tensor } from "../../engine/index.ts";
import type { Grid, Tokenizer } from "../../qwen/index.ts";
import type { Picture } from "../../tasks/index.ts";
import { ensure } from "../../util/index.ts";
import { encodedImages } from "./remote.ts";
import type { EngineMessages, EngineProcessor, TokenGrid } from "./types.ts";

/** Texts whose ids Lintel and the engine have to agree on: options, tags, numbers, words with and without spaces. */
const PROBES = [
  ..."ABCDabcd0123456789",
  ...[
    "<answer>",
    "<answer> a </answer>",
    "\\boxed{B}",
    "Which piece fits?\nleft, right",
    " two  spaces",
    "naïve 𝒳 你好",
  ],
];

const pixelsOf = (pictures: readonly Picture[]): Record<string, Tensor> =>
  Object.fromEntries(
    pictures.map(({ width, height, pixels }, i) => [
      `image.${i}`,
      { shape: [height, width, 3], data: pixels },
    ]),
  );

/**
 * The processor of the checkpoint that an engine has loaded.
 *
 * Errors: "checkpoint" where Lintel reads the checkpoint's tokenizer otherwise than transformers does.
 */
export async function engineProcessor(
  engine: Connection,
  { architecture, vision }: Pick<EngineProcessor, "architecture" | "vision">,
  tokenizer: Tokenizer,
): Promise<EngineProcessor> {
  const { header } = await engine.request("reader", { texts: PROBES });
  const { ids, template, imageTokens } = header as unknown as {
    ids: number[][];
    template: boolean;
    imageTokens: number[];
  };
  const differing = PROBES.findIndex((text, i) => tokenizer.encode(text).join() !== ids[i]!.join());
  ensure(differing < 0, "checkpoint", () => ({
    where: `the tokenizer of ${architecture}`,
    expected: `ids ${ids[differing]!.join(", ")} of ${JSON.stringify(PROBES[differing])}, as transformers has them`,
    got: `${tokenizer.encode(PROBES[differing]!).join(", ")} by its tokenizer.json`,
    attempt: "a tokenizer.json written by this version of transformers (save_pretrained)",
  }));
  const encode = async (prompt: EngineMessages, images: readonly number[], tensors = {}) => {
    const answer = await engine.request("encode", { ...prompt, images }, tensors);
    return answer.header as unknown as { ids: number[]; images: number[] };
  };
  return {
    architecture,
    vision,
    template,
    imageTokens,
    async pictures(pictures) {
      const { header: found, tensors } = await engine.request(
        "features",
        { images: pictures.map(() => ({})), keep: true, values: true },
        pixelsOf(pictures),
      );
      const listed = found.images as { id: number; grid: Grid | null; raster?: TokenGrid | null }[];
      const encoded = encodedImages(tensors, pictures.length);
      return listed.map(({ id, grid, raster = null }, i) => ({ ...encoded[i]!, kept: id, grid, raster }));
    },
    encode,
    preview: async (prompt, pictures) => (await encode(prompt, [], pixelsOf(pictures))).ids,
  };
}
