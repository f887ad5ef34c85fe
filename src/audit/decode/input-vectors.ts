/** Vectors of the input that cosines of latents are read beside: visual tokens of its images, and words of its question. */
import { engineOf, type LatentModel } from "../../reasoning/index.ts";
import type { Example } from "../../tasks/index.ts";
import { random } from "../../util/index.ts";

/** Examples that are looked at, at most. */
const MOST = 64;

/** Two vectors [D] of each kind, or as many as an example has. */
export interface InputVectors {
  example: string;
  patches: readonly Float32Array[];
  words: readonly Float32Array[];
}

const rowsOf = (values: Float32Array, width: number): Float32Array[] =>
  Array.from({ length: values.length / width }, (_, i) => values.subarray(i * width, (i + 1) * width));

/**
 * Two random visual tokens of each example's images, as they enter the decoder, and the embeddings of two random words of
 * its question that differ. Of 64 random examples where there are more; the same seed draws the same.
 */
export async function inputVectors(
  { features, network, tokenizer }: Pick<LatentModel, "features" | "network" | "tokenizer">,
  examples: readonly Example[],
  seed: number,
): Promise<InputVectors[]> {
  const width = network.config.text.hiddenSize;
  const byId = [...examples].sort((a, b) => (a.id < b.id ? -1 : 1));
  const chosen = random(seed, "input-vectors").shuffled(byId).slice(0, MOST);
  const out: InputVectors[] = [];
  for (const { id, images, question } of chosen) {
    const draw = random(seed, "input-vectors", id);
    const seen = await features.get(images);
    const words = [...new Set(tokenizer.encode(question.replaceAll("<image>", " ")))];
    const embedded = words.length > 0 ? await engineOf(network).embed(words) : new Float32Array();
    out.push({
      example: id,
      patches: draw.shuffled(seen.flatMap(({ rows }) => rowsOf(rows, width))).slice(0, 2),
      words: draw.shuffled(rowsOf(embedded, width)).slice(0, 2),
    });
  }
  return out;
}
