/** A pocket model in the page: its script, its weights, and the pixels of what it is asked. */
import type {
  LatentsContent,
  Looked,
  MeanContent,
  ModelContent,
  Reply,
  Sample,
  SampleImage,
  Wanted,
} from "../../src/explorer/types.ts";
import { bytesOf, floatsOf } from "./bytes.ts";
import { load, loadScript } from "./data.ts";
import { type Picture, pictureOf } from "./pictures.ts";
import type { Asked, Trial } from "./trial.ts";

/** An example with the pixels of its images. */
interface Seen {
  sample: Omit<Sample, "images" | "helpers" | "counterfactuals" | "reasoning">;
  images: Picture[];
  helpers: Picture[];
  counterfactuals: (Picture[] | null)[];
}

/** An example that the model in the page has read. */
interface Read {
  own: Reply;
  latents: readonly Float32Array[];
  answer(
    wanted: Wanted,
    given: {
      drawn?: Picture | undefined;
      other?: readonly Float32Array[] | undefined;
      mean?: readonly Float32Array[] | undefined;
    },
  ): Promise<Reply>;
  inside(deviation: Float32Array | null): Promise<Looked>;
}

/** What the script `runtime.js` offers. */
export interface Runtime {
  openModel(content: ModelContent, wasm: ArrayBuffer): Promise<(seen: Seen) => Promise<Read>>;
}

/** ONNX Runtime's WebAssembly, unpacked from the script that carries it. */
async function webAssembly(): Promise<ArrayBuffer> {
  const global = globalThis as unknown as { lintelWasm?: string };
  if (!global.lintelWasm) await loadScript("runtime-wasm.js");
  const bytes = bytesOf(global.lintelWasm!);
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(unpacked).arrayBuffer();
}

const picturesOf = (images: readonly SampleImage[]): Promise<Picture[]> => Promise.all(images.map(pictureOf));

const seenOf = async ({
  images,
  helpers,
  counterfactuals,
  reasoning: _,
  ...sample
}: Sample): Promise<Seen> => ({
  sample,
  images: await picturesOf(images),
  helpers: await picturesOf(helpers),
  counterfactuals: await Promise.all(counterfactuals.map((each) => each && picturesOf(each))),
});

/** Mean own latents of an audit; none where it kept no latents. */
const meanOf = async (audit: number): Promise<Float32Array[]> =>
  ((await load<MeanContent | null>(`mean/${audit}`))?.blocks ?? []).map(floatsOf);

/** Loads the model with this number. */
export async function trialInPage(model: number): Promise<Trial> {
  const [content, wasm] = await Promise.all([
    load<ModelContent>(`model/${model}`),
    webAssembly(),
    loadScript("runtime.js"),
  ]);
  const { lintelRuntime } = globalThis as unknown as { lintelRuntime: Runtime };
  const ask = await lintelRuntime.openModel(content, wasm);
  const read = async ({ sample }: Asked): Promise<Read> => ask(await seenOf(sample));
  return {
    async ask(asked) {
      const question = await read(asked);
      return {
        own: question.own,
        answer: async (wanted, { drawn, other }) =>
          question.answer(wanted, {
            drawn,
            ...(wanted.source === "other" && other && { other: (await read(other)).latents }),
            ...(wanted.source === "mean" && { mean: await meanOf(asked.audit) }),
          }),
        async inside() {
          const latents = await load<LatentsContent>(`latents/${asked.audit}`).catch(() => null);
          return question.inside(latents ? floatsOf(latents.deviation) : null);
        },
        // It is the checkpoint of the run, or the one that --model named.
        check: async () => [],
      };
    },
  };
}
