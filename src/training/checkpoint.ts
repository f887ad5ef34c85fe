/** Saves a model as a Hugging Face directory, and loads one as the base of a training. */
import { fillStore, type ParameterStore } from "../nn/index.ts";
import {
  expectedTensors,
  loadTokenizer,
  loadWeights,
  openCheckpoint,
  readProcessor,
  saveCheckpoint,
} from "../qwen/index.ts";
import {
  initializeHead,
  type LatentConfig,
  latentConfigOf,
  PREFIX,
  plainLatentConfig,
} from "../reasoning/index.ts";
import { AUXILIARY } from "./losses/index.ts";
import {
  type AuxiliaryShapes,
  createStores,
  initializeAuxiliary,
  type TrainableModel,
  withLatentConfig,
} from "./pocket-model.ts";

const weightsOf = (store: ParameterStore) =>
  store.names.map(
    (name) => [name, { shape: store.shapes.get(name)!, data: store.views.get(name)! }] as const,
  );

/**
 * Writes the model as an ordinary checkpoint; `training` goes into config.json under "lintel", beside how latents are read
 * off states, whose tensors are written as `latent_head.*`.
 */
export async function saveModel(
  directory: string,
  model: TrainableModel,
  training: Record<string, unknown>,
): Promise<void> {
  const { config, tokenizer, processor, eos, decoder, vision, buffers, latentConfig } = model;
  const all = [...weightsOf(decoder), ...weightsOf(vision), ...weightsOf(buffers)];
  const expected = expectedTensors(config);
  const said = { ...config, raw: { ...config.raw, lintel: training } };
  await saveCheckpoint(directory, {
    config: withLatentConfig(said, latentConfig),
    weights: new Map(all.filter(([name]) => expected.has(name))),
    extra: new Map(all.filter(([name]) => !expected.has(name) && !name.startsWith(AUXILIARY))),
    processor,
    generation: {
      eos_token_id: [...eos],
      pad_token_id: tokenizer.idOf("<|endoftext|>") ?? 0,
      do_sample: false,
    },
    files: tokenizer.files,
  });
}

/**
 * Reads a checkpoint to train it further with such a head: its own where it has one of the same kind, else a fresh one.
 * `k`: latents per block, where another number than its own is wanted; `upperLayers`: of the decoder, that are trained.
 */
export async function loadTrainable(
  directory: string,
  latentConfig: LatentConfig = plainLatentConfig,
  {
    seed = 0,
    k,
    upperLayers,
    auxiliary,
  }: { seed?: number; k?: number; upperLayers?: number; auxiliary?: AuxiliaryShapes } = {},
): Promise<TrainableModel> {
  const checkpoint = await openCheckpoint(directory);
  const tokenizer = await loadTokenizer(directory);
  const processor = await readProcessor(directory);
  const { generation } = checkpoint;
  const { raw } = checkpoint.config;
  const latents = k === undefined ? raw : { ...raw, latent_size: k };
  const config = withLatentConfig({ ...checkpoint.config, raw: latents }, latentConfig);
  const stores = createStores(config, latentConfig, {
    ...(upperLayers !== undefined && { upperLayers }),
    ...(auxiliary && { auxiliary }),
  });
  const kept = JSON.stringify(latentConfigOf(raw)) === JSON.stringify(latentConfig);
  const ofHead = kept ? [...checkpoint.extra.keys()].filter((name) => name.startsWith(PREFIX)) : [];
  const weights = await loadWeights(checkpoint, [...checkpoint.tensors.keys(), ...ofHead]);
  for (const store of Object.values(stores)) {
    const known = (name: string) => weights.get(name)?.data ?? store.views.get(name)!;
    fillStore(store, new Map(store.names.map((name) => [name, known(name)])));
  }
  // A head may begin as a copy of the decoder's layers.
  if (!kept) initializeHead(stores.decoder, latentConfig, seed);
  initializeAuxiliary(stores.decoder, seed);
  return { config, tokenizer, processor, eos: generation.eos, latentConfig, ...stores };
}
