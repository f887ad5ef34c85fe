/**
 * A pocket model in the page: the same code as on the command line, whose graphs ONNX Runtime runs in WebAssembly. Loaded
 * when it is first used, by a script of its own.
 */
import "./buffer-shim.ts";
import * as ort from "onnxruntime-web/wasm";
import { askModel } from "../../src/explorer/ask.ts";
import type { ModelContent } from "../../src/explorer/types.ts";
import { float32 } from "../../src/graph/index.ts";
import { createTokenizer, imageProcessor } from "../../src/qwen/index.ts";
import { assembleModel, type LocalModel } from "../../src/reasoning/index.ts";
import { bytesOf } from "./bytes.ts";
import type { Picture } from "./pictures.ts";
import type { Runtime } from "./trial-in-page.ts";

type FeatureStore = LocalModel["features"];
type Features = Awaited<ReturnType<FeatureStore["get"]>>[number];

/** Features of pictures that the page has decoded; an example's images are only keys here. */
function pictureStore({ network, processor }: LocalModel): {
  store: FeatureStore;
  key: (picture: Picture) => Uint8Array;
} {
  const pictures = new Map<Uint8Array, Picture>();
  const known = new Map<Uint8Array, Features>();
  // Null only where an engine elsewhere prepares images.
  const process = imageProcessor(processor!);
  const store: FeatureStore = {
    async get(images) {
      const missing = images.filter((image) => !known.has(image));
      if (missing.length > 0) {
        const ready = missing.map((image) => process(pictures.get(image)!));
        const encoded = await network.features(ready);
        for (const [i, image] of missing.entries()) {
          const { width, height } = pictures.get(image)!;
          known.set(image, { index: known.size, grid: ready[i]!.grid, width, height, ...encoded[i]! });
        }
      }
      return images.map((image) => known.get(image)!);
    },
    of: async (list) => (await network.features(list.map(process))).map(({ rows }) => rows),
    get size() {
      return known.size;
    },
  };
  const key = (picture: Picture): Uint8Array => {
    const made = new Uint8Array(0);
    pictures.set(made, picture);
    return made;
  };
  return { store, key };
}

/** The model of a content, and what it answers. */
const openModel: Runtime["openModel"] = async (content: ModelContent, wasm: ArrayBuffer) => {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmBinary = wasm;
  const values = new Float32Array(bytesOf(content.values).buffer);
  const weights = Object.fromEntries(
    content.tensors.map(({ name, shape, at }) => {
      const size = shape.reduce((product, length) => product * length, 1);
      return [name, float32(values.slice(at, at + size), shape)];
    }),
  );
  const { config, processor, eos, generation } = content;
  const tokenizer = createTokenizer(content.tokenizer, "the tokenizer");
  const assembled = assembleModel(
    { config, processor, eos, checkpoint: generation, weights, tokenizer },
    { threads: 1 },
  );
  const { store, key } = pictureStore(assembled);
  const model: LocalModel = { ...assembled, features: store };

  return async ({ sample, images, helpers, counterfactuals }) => {
    const { own, latents, answer, inside } = await askModel(model, {
      ...sample,
      images: images.map(key),
      helpers: helpers.map(key),
      counterfactuals: counterfactuals.map((each) => each?.map(key) ?? null),
    });
    return {
      own,
      latents,
      answer: (wanted, { drawn, ...given }) => answer(wanted, { ...given, drawn: drawn && key(drawn) }),
      inside,
    };
  };
};

(globalThis as unknown as { lintelRuntime: Runtime }).lintelRuntime = { openModel };
