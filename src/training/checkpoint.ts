/** A model under training to a Hugging Face directory, and back as the base of another training. */
import { fillStore, type ParameterStore } from "../nn/index.ts";
import { loadTokenizer, loadWeights, openCheckpoint, saveCheckpoint } from "../qwen/index.ts";
import { readProcessor } from "../reasoning/index.ts";
import { createStores, type TrainableModel } from "./pocket.ts";

const weightsOf = (store: ParameterStore) =>
  store.names.map(
    (name) => [name, { shape: store.shapes.get(name)!, data: store.views.get(name)! }] as const,
  );

/** Writes the model as an ordinary checkpoint; `training` goes into config.json under "lintel". */
export async function saveModel(
  directory: string,
  model: TrainableModel,
  training: Record<string, unknown>,
): Promise<void> {
  const { config, tokenizer, processor, eos, decoder, vision } = model;
  await saveCheckpoint(directory, {
    config: { ...config, raw: { ...config.raw, lintel: training } },
    weights: new Map([...weightsOf(decoder), ...weightsOf(vision)]),
    processor,
    generation: {
      eos_token_id: [...eos],
      pad_token_id: tokenizer.idOf("<|endoftext|>") ?? 0,
      do_sample: false,
    },
    files: tokenizer.files,
  });
}

/** Reads a checkpoint to train it further. */
export async function loadTrainable(directory: string): Promise<TrainableModel> {
  const checkpoint = await openCheckpoint(directory);
  const tokenizer = await loadTokenizer(directory);
  const processor = await readProcessor(directory);
  const { config, generation } = checkpoint;
  const stores = createStores(config);
  const weights = await loadWeights(checkpoint);
  for (const store of Object.values(stores)) {
    fillStore(store, new Map(store.names.map((name) => [name, weights.get(name)!.data])));
  }
  return { config, tokenizer, processor, eos: generation.eos, ...stores };
}
