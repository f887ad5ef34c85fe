/** A latent head is one record: its options, tensors, graph, initialization and fitting. */
import { z } from "zod";
import type { Tensor } from "../../graph/index.ts";
import type { ParameterSource } from "../../nn/index.ts";
import type { AttentionCore, QwenConfig, TextConfig, VisionConfig } from "../../qwen/index.ts";
import { cellSize } from "../../qwen/index.ts";
import type { Random } from "../../util/index.ts";

/** Names without the prefix of the checkpoint, and shapes. */
export type TensorShapes = readonly (readonly [name: string, shape: readonly number[]])[];

/** The sizes that a head's tensors depend on. */
export interface LatentSize {
  /** Elements of a hidden state and of a latent. */
  width: number;
  /** Slots of a block. */
  k: number;
  /** Elements of the patch group that the vision tower's merger turns into one latent. */
  cells: number;
  /** The decoder's shape, for heads with layers beside its own. */
  text?: TextConfig;
}

/**
 * Sizes of the latents of a model, in blocks of `k`.
 *
 * @example
 * latentSize(pocketConfig({ vocabSize: 24, hiddenSize: 32, layers: 1, heads: 2 }), 4).width; // 32
 */
export const latentSize = ({ text, vision }: Pick<QwenConfig, "text" | "vision">, k: number): LatentSize => ({
  width: text.hiddenSize,
  k,
  cells: cellSize(vision),
  text,
});

/** What a head sees when it builds its graph. */
export interface HeadGraph {
  /** Trained tensors, by name without prefix. */
  parameter: ParameterSource;
  /** A fitted tensor of the head, by name without prefix; takes no gradient. */
  buffer(name: string): Tensor;
  /** Latents [rows, width] from the space of image features to the target space. */
  intoSpace(latents: Tensor): Tensor;
  /** The way back. */
  outOfSpace(latents: Tensor): Tensor;
  /** The vision tower and the source of its frozen tensors, for heads that use its merger. */
  tower(): { vision: VisionConfig; tensors: ParameterSource };
  /** The decoder's shape, for heads with layers beside its own. */
  text(): TextConfig;
}

/** Trained tensors to initialize. */
export interface HeadTensors {
  view(name: string): Float32Array;
  shape(name: string): readonly number[];
  /** Normal draws from a stream of the tensor's own; `deviation` defaults to 1/√inputs. */
  normal(name: string, deviation?: number): void;
  /** Ones on the diagonal of a matrix. */
  identity(name: string): void;
  /** Those whose names begin so. */
  names(prefix: string): string[];
  /** Layers of the decoder, and a copy of one of its tensors. */
  decoderLayers: number;
  copy(name: string, from: string): void;
}

/** What fitted tensors are computed from. */
export interface FitData {
  width: number;
  /** The distinct oracle latents of the training set [n, width], in the target space. */
  oracles(): Float32Array;
  /** Patch groups before the tower's merger [n, width of a group], of the oracle latents. */
  cells?: { width: number; rows: Float32Array };
  /** A stream of random numbers for a tensor. */
  stream(name: string, ...index: number[]): Random;
  /** A fitted tensor to fill. */
  view(name: string): Float32Array;
}

export interface HeadMethods<Options> {
  /** Trained tensors. */
  tensors(options: Options, size: LatentSize): TensorShapes;
  /** Tensors that are fitted to the training set once and not trained. */
  buffers?(options: Options, size: LatentSize): TensorShapes;
  /** Initial values of the trained tensors; zeros without. */
  initialize?(tensors: HeadTensors, options: Options): void;
  fit?(data: FitData, options: Options): void;
  /** The prediction [rows, width] from hidden states [rows, width], in the target space. */
  predict(graph: HeadGraph, options: Options, hidden: Tensor): Tensor;
  /** The fed vectors [rows, width], in the space of image features; default: `predict`, taken out of the target space. */
  feed?(graph: HeadGraph, options: Options, hidden: Tensor): Tensor;
  /** For heads that ignore hidden states: how many learned vectors, in the tensor "vectors", the slots cycle through. */
  slotVectors?(options: Options, size: Pick<LatentSize, "k">): number;
  /** For heads that read the decoder's keys instead of a state: `predict` is then given what these methods make. */
  beside?: {
    /** The decoder's layers whose keys and values are read, of `total`. */
    layers(options: Options, total: number): number[];
    /** The question's image whose features latents start from; null: the fitted tensor "start" [k, width] in the target space. */
    startImage(options: Options): number | null;
    /** What `predict` is given [rows, width], from where latents start, in the target space. `attend` is given layers of the decoder. */
    made(graph: HeadGraph, options: Options, start: Tensor, attend: AttentionCore): Tensor;
  };
  /** Uses the vision tower's merger, whose tensors it needs besides its own. */
  usesMerger?: true;
}

type RecordsByKind = Readonly<Record<string, { schema: z.ZodObject<{ kind: z.ZodLiteral<string> }> }>>;

/** The options of any record of a registry, with its `kind`. */
export type OptionsOf<Records extends RecordsByKind> = {
  [Kind in keyof Records]: z.infer<Records[Kind]["schema"]>;
}[keyof Records];

/**
 * The schema of the options of any record of a registry, told apart by `kind`.
 *
 * @example
 * const head = defineHead({ kind: "mine", options: {}, tensors: () => [], predict: (_graph, _options, hidden) => hidden });
 * optionsSchema({ mine: head }).parse({ kind: "mine" }); // { kind: "mine" }
 */
export function optionsSchema<Records extends RecordsByKind>(
  records: Records,
): z.ZodType<OptionsOf<Records>, OptionsOf<Records>> {
  const schemas = Object.values(records).map(({ schema }) => schema);
  return z.discriminatedUnion("kind", schemas as [(typeof schemas)[number]]) as unknown as z.ZodType<
    OptionsOf<Records>,
    OptionsOf<Records>
  >;
}

interface HeadDefinition<Kind extends string, Shape extends z.ZodRawShape>
  extends HeadMethods<z.infer<z.ZodObject<Shape>>> {
  kind: Kind;
  /** Schema of each option, as a plan or config.json has it beside `kind`. */
  options: Shape;
}

/**
 * A latent head: its file and one line in registry.ts are all that a new one needs.
 *
 * @example
 * const head = defineHead({ kind: "mine", options: {}, tensors: () => [], predict: (_graph, _options, hidden) => hidden });
 * head.schema.parse({ kind: "mine" }); // { kind: "mine" }
 */
export const defineHead = <const Kind extends string, Shape extends z.ZodRawShape>({
  kind,
  options,
  ...methods
}: HeadDefinition<Kind, Shape>) => ({
  schema: z.strictObject({ kind: z.literal(kind), ...options }),
  ...(methods as HeadMethods<z.infer<z.ZodObject<Shape>>>),
});
