/** A model in the page: what it is asked, and what it answers. */
import type { Looked, ModelContent, Reply, Sample, SampleImage, Wanted } from "../../src/explorer/types.ts";
import { bytesOf, load, loadScript } from "./data.ts";

export interface Picture {
  width: number;
  height: number;
  /** RGB, three bytes per pixel. */
  pixels: Uint8Array;
}

export interface Asked {
  sample: Omit<Sample, "images" | "helpers" | "counterfactuals" | "reasoning">;
  images: Picture[];
  helpers: Picture[];
  counterfactuals: (Picture[] | null)[];
}

/** An example that was read up to its latent block. */
export interface Question {
  own: Reply;
  /** The reply with own latents moved towards a source; `drawn` is the helper of the source "drawn". */
  answer(wanted: Wanted, drawn?: Picture): Promise<Reply>;
  /** What is inside the answer with own latents; `deviation` [K·D] is that of own latents over the split. */
  inside(deviation: Float32Array | null): Promise<Looked>;
}

export interface Trial {
  ask(asked: Asked): Promise<Question>;
}

/** ONNX Runtime's WebAssembly, unpacked from the script that carries it. */
async function webAssembly(): Promise<ArrayBuffer> {
  const global = globalThis as unknown as { lintelWasm?: string };
  if (!global.lintelWasm) await loadScript("runtime-wasm.js");
  const bytes = bytesOf(global.lintelWasm!);
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(unpacked).arrayBuffer();
}

const trials = new Map<number, Promise<Trial>>();

/** The model with this number; it is loaded once. */
export function openTrial(model: number): Promise<Trial> {
  const before = trials.get(model);
  if (before) return before;
  const open = async (): Promise<Trial> => {
    const [content, wasm] = await Promise.all([
      load<ModelContent>(`model/${model}`),
      webAssembly(),
      loadScript("runtime.js"),
    ]);
    const { lintelRuntime } = globalThis as unknown as {
      lintelRuntime: { openTrial: (content: ModelContent, wasm: ArrayBuffer) => Promise<Trial> };
    };
    return lintelRuntime.openTrial(content, wasm);
  };
  const made = open();
  trials.set(model, made);
  made.catch(() => trials.delete(model));
  return made;
}

/** The pixels of an image of the page. */
export async function pictureOf({ uri }: Pick<SampleImage, "uri">): Promise<Picture> {
  const image = new Image();
  image.src = uri;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const ink = canvas.getContext("2d", { willReadFrequently: true, colorSpace: "srgb" })!;
  ink.drawImage(image, 0, 0);
  const { data } = ink.getImageData(0, 0, canvas.width, canvas.height);
  const pixels = new Uint8Array(canvas.width * canvas.height * 3);
  for (let i = 0, j = 0; i < data.length; i += 4) {
    pixels[j++] = data[i]!;
    pixels[j++] = data[i + 1]!;
    pixels[j++] = data[i + 2]!;
  }
  return { width: canvas.width, height: canvas.height, pixels };
}

const picturesOf = (images: readonly SampleImage[]): Promise<Picture[]> => Promise.all(images.map(pictureOf));

export const askedOf = async ({
  images,
  helpers,
  counterfactuals,
  reasoning: _,
  ...sample
}: Sample): Promise<Asked> => ({
  sample,
  images: await picturesOf(images),
  helpers: await picturesOf(helpers),
  counterfactuals: await Promise.all(counterfactuals.map((each) => each && picturesOf(each))),
});
