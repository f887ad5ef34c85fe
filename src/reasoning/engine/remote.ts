/** The engine over a process elsewhere (docs/engine-protocol.md). */
import type { Connection, Tensor } from "../../engine/index.ts";
import { concatenated } from "../../numeric/index.ts";
import { type EncodedImage, MASK_VALUE, type ProcessedImage, type Prompt } from "../../qwen/index.ts";
import { remoteReplay } from "./remote-replay.ts";
import { remoteWhole } from "./remote-whole.ts";
import type {
  EnginePrompt,
  NamedLogits,
  NetworkConfig,
  OpenPrompts,
  Prefix,
  Program,
  ProgramEnd,
  RemoteNetwork,
  RemotePrefix,
  RowResult,
  Rows,
  RunOptions,
} from "./types.ts";

const floats = (tensor: Tensor | undefined): Float32Array =>
  (tensor?.data ?? new Float32Array(0)) as Float32Array;

/** Vectors one after the other, as a tensor. */
const stacked = (vectors: readonly Float32Array[], width: number): Tensor => ({
  shape: [vectors.length, width],
  data: concatenated(vectors),
});

const FEED = { token: 0, own: 1, given: 2, branch: 3, picked: 4 } as const;
const present = (ids: readonly (number | null)[]): number[] => ids.filter((id) => id !== null);

/** A program as it crosses; its vectors are added to `vectors`, the state that replaces the row's to `replaced`. */
function wire(
  { feed, hide, text, choose, cue, state, layer, replace, steps }: Program,
  penalty: number,
  { vectors, replaced }: { vectors: Float32Array[]; replaced: Float32Array[] },
) {
  if (replace) replaced.push(replace.state);
  return {
    feed: feed.map(({ id, vector }) => {
      if (vector instanceof Float32Array) vectors.push(vector);
      return [vector === undefined ? FEED.token : typeof vector === "string" ? FEED[vector] : FEED.given, id];
    }),
    hide,
    text: text && { ...text, forbid: present(text.forbid) },
    choose: choose.map(present),
    penalty,
    cue,
    state,
    ...(layer !== undefined && { layer }),
    ...(steps !== undefined && { steps }),
    ...(replace && { replace: true }),
  };
}

/** A row of a result as it crosses. */
interface WireResult {
  written: number[];
  end: ProgramEnd;
  id: number | null;
  fed: number;
  cueAt: number | null;
  chosen: number[];
  finite: boolean;
}

/** Rows of a handle; `onLength` is told how many columns its cache has. */
function remoteRows(
  engine: Connection,
  handle: number,
  width: number,
  onLength: (length: number) => void = () => undefined,
): Rows {
  return {
    async run(programs, { cue, penalty }: RunOptions) {
      const sent = { vectors: [] as Float32Array[], replaced: [] as Float32Array[] };
      const rows = programs.map((program) => program && wire(program, penalty, sent));
      const { header, tensors } = await engine.request(
        "run",
        { handle, rows, cue },
        {
          ...(sent.vectors.length > 0 && { vectors: stacked(sent.vectors, width) }),
          ...(sent.replaced.length > 0 && { replaced: stacked(sent.replaced, width) }),
        },
      );
      const found = header as unknown as { rows: (WireResult | null)[]; length: number };
      onLength(found.length);
      const taking = (values: Float32Array) => {
        let at = 0;
        return (count: number): Float32Array => {
          at += count;
          return values.slice(at - count, at);
        };
      };
      const own = taking(floats(tensors.fed));
      const states = taking(floats(tensors.states));
      const named = taking(floats(tensors.named));
      return found.rows.map((row, r): RowResult | null => {
        const program = programs[r];
        if (!row || !program) return null;
        const count = program.feed
          .slice(0, row.fed)
          .filter(({ vector }) => vector === "own" || vector === "branch").length;
        const ids = program.cue?.named ?? [];
        const logits = row.cueAt === null ? null : named(ids.length);
        return {
          ...row,
          own: Array.from({ length: count }, () => own(width)),
          cueLogits: logits && (Object.fromEntries(ids.map((id, i) => [id, logits[i]!])) as NamedLogits),
          state: program.state ? states(width) : null,
        };
      });
    },
    async release() {
      await engine.request("release", { handles: [handle] });
    },
  };
}

/** Prompts with the features that replace their image tokens. */
function promptsOf(prompts: readonly EnginePrompt[], width: number) {
  const tensors: Record<string, Tensor> = {};
  const listed = prompts.map(({ ids, visuals, deep, grids, hidden = [], images = [], ...prompt }, i) => {
    const how = { hidden, plain: prompt.plain ?? false, ...(prompt.apart && { apart: true }) };
    if (visuals.length === 0) return { ids, images, ...how };
    tensors[`visuals.${i}`] = { shape: [visuals.length / width, width], data: visuals };
    if (deep && deep.length > 0)
      tensors[`deep.${i}`] = {
        shape: [deep.length, visuals.length / width, width],
        data: stacked(deep, visuals.length).data,
      };
    return { ids, images: [], ...how, visuals: true, grids };
  });
  return { listed, tensors };
}

/** Additive masks [B, P] of prompts, padded on the left, with what is hidden and, where they are dropped, their images. */
function maskOf(prompts: readonly Prompt[], length: number, dropped: number | null): Float32Array {
  const mask = new Float32Array(prompts.length * length);
  for (const [b, { ids, hidden = [] }] of prompts.entries()) {
    const first = (b + 1) * length - ids.length;
    for (const place of hidden) mask[first + place] = MASK_VALUE;
    mask.fill(MASK_VALUE, b * length, first);
    for (const [i, id] of ids.entries()) if (id === dropped) mask[first + i] = MASK_VALUE;
  }
  return mask;
}

/** Features of images, as the engine answers them. */
export function encodedImages(tensors: Readonly<Record<string, Tensor>>, count: number): EncodedImage[] {
  return Array.from({ length: count }, (_, i): EncodedImage => {
    const deep = tensors[`deep.${i}`];
    const layers = deep?.shape[0] ?? 0;
    const values = floats(deep);
    const size = values.length / Math.max(1, layers);
    return {
      rows: floats(tensors[`rows.${i}`]),
      ...(layers > 0 && {
        deep: Array.from({ length: layers }, (_, k) => values.subarray(k * size, (k + 1) * size)),
      }),
    };
  });
}

/** The network that an engine has loaded. `release` ends the engine. */
export function remoteNetwork(engine: Connection, config: NetworkConfig, freeBytes?: number): RemoteNetwork {
  const { hiddenSize: width } = config.text;
  const inspects = engine.ready.protocol > 1;
  return {
    remote: true,
    config,
    async embed(ids) {
      const data = Int32Array.from(ids);
      const { tensors } = await engine.request("embed", {}, { ids: { shape: [data.length], data } });
      return floats(tensors.vectors);
    },
    async features(images: readonly ProcessedImage[]) {
      const patches = concatenated(images.map((image) => image.patches));
      const rows = images.reduce((n, { grid: [t, h, w] }) => n + t * h * w, 0);
      const { tensors } = await engine.request(
        "features",
        { images: images.map(({ grid }) => ({ grid })), keep: false, values: true },
        { patches: { shape: [rows, patches.length / rows], data: patches } },
      );
      return encodedImages(tensors, images.length);
    },
    async open(prompts, { dropImages = false } = {}): Promise<OpenPrompts> {
      const { listed, tensors } = promptsOf(prompts, width);
      const { header } = await engine.request(
        "prefill",
        { prompts: listed, dropImages, states: false },
        tensors,
      );
      const { handle, bytes, finite } = header as { handle: number; bytes: number; finite: boolean[] };
      const first = header.length as number;
      let length = first;
      const start = maskOf(prompts, first, dropImages ? config.tokens.image : null);
      const steps: boolean[][] = prompts.map(() => []);
      const rows = remoteRows(engine, handle, width, (now) => {
        length = now;
      });
      return {
        ...rows,
        finite,
        async run(programs, options) {
          const before = length;
          const results = await rows.run(programs, options);
          for (const [b, result] of results.entries()) {
            const read = (result?.fed ?? 0) + (result?.written.length ?? 0);
            for (let i = 0; i < length - before; i++) steps[b]!.push(i < read);
          }
          return results;
        },
        async end(): Promise<RemotePrefix> {
          const mask = new Float32Array(prompts.length * length);
          for (const [b, read] of steps.entries()) {
            mask.set(start.subarray(b * first, (b + 1) * first), b * length);
            for (const [i, did] of read.entries()) if (!did) mask[b * length + first + i] = MASK_VALUE;
          }
          const remoteBytes = (bytes * length) / first;
          return { batch: prompts.length, length, mask, handle, rows: [...prompts.keys()], remoteBytes };
        },
      };
    },
    async states(prompts) {
      const { listed, tensors } = promptsOf(prompts, width);
      const found = await engine.request(
        "prefill",
        { prompts: listed, dropImages: false, states: true },
        tensors,
      );
      await engine.request("release", { handles: [found.header.handle] });
      return floats(found.tensors.hidden);
    },
    async fork(prefix, n) {
      const { handle, rows } = prefix as RemotePrefix;
      const each = rows.flatMap((row) => Array<number>(n).fill(row));
      const { header } = await engine.request("fork", { handle, rows: each });
      return remoteRows(engine, header.handle as number, width);
    },
    select(prefix, which) {
      const { length, mask, rows, ...rest } = prefix as RemotePrefix;
      const masks = new Float32Array(which.length * length);
      for (const [i, b] of which.entries())
        masks.set(mask.subarray(b * length, (b + 1) * length), i * length);
      return {
        ...rest,
        length,
        batch: which.length,
        mask: masks,
        rows: which.map((b) => rows[b]!),
      } as Prefix;
    },
    async drop(prefix) {
      await engine.request("release", { handles: [(prefix as RemotePrefix).handle] });
    },
    replay: (prefix, rows, options) =>
      remoteReplay(engine, prefix as RemotePrefix, rows, { width, inspects, ...options }),
    ...(freeBytes !== undefined && { freeBytes }),
    // Of architectures whose patches Lintel makes.
    ...(inspects && "intermediateSize" in config.text && remoteWhole(engine, width)),
    ...(inspects && {
      async likeliest(states, count, normed = false) {
        const data = { shape: [states.length / width, width], data: states };
        const { tensors } = await engine.request("lens", { count, normed }, { states: data });
        const { ids, probabilities } = tensors as Record<"ids" | "probabilities", Tensor>;
        const [rows = 0, columns = 0] = ids.shape;
        return Array.from({ length: rows }, (_, n) =>
          Array.from({ length: columns }, (_, i) => ({
            id: ids.data[n * columns + i]!,
            probability: probabilities.data[n * columns + i]!,
          })),
        );
      },
    }),
    release: () => engine.close(),
  };
}
