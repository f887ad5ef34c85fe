/** Initial values of a head: as close to feeding the hidden state itself as it can be. */
import type { ParameterStore } from "../../nn/index.ts";
import { random } from "../../util/index.ts";
import { headRecord, type LatentConfig, PREFIX } from "./tensors.ts";

/** Fills a head's trained tensors, once the decoder's are there; does nothing where there are none. */
export function initializeHead(store: ParameterStore, { head }: LatentConfig, seed: number): void {
  const view = (name: string): Float32Array => store.views.get(`${PREFIX}${name}`)!;
  const shape = (name: string): readonly number[] => store.shapes.get(`${PREFIX}${name}`)!;
  headRecord(head).initialize?.(
    {
      view,
      shape,
      normal(name, deviation = 1 / Math.sqrt(shape(name)[1]!)) {
        const r = random(seed, "initialize", `${PREFIX}${name}`);
        const values = view(name);
        for (let i = 0; i < values.length; i++) values[i] = r.normal() * deviation;
      },
      names: (prefix) =>
        store.names
          .filter((name) => name.startsWith(PREFIX + prefix))
          .map((name) => name.slice(PREFIX.length)),
      decoderLayers: store.names.filter((name) => /^model\.layers\.\d+\.input_layernorm/.test(name)).length,
      copy: (name, from) => view(name).set(store.views.get(from)!),
      identity(name) {
        const [rows, columns] = shape(name) as [number, number];
        for (let i = 0; i < rows; i++) view(name)[i * columns + i] = 1;
      },
    },
    head,
  );
}
