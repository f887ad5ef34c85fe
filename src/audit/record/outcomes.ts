import { lightened } from "../../formats/index.ts";
import type { Ending, OracleKind } from "../../reasoning/index.ts";

/**
 * One line of `audits/CELL/SPLIT/outcomes.jsonl`: one example under every intervention. A line is written only when
 * all interventions of the example are done, so a killed audit continues with the first example that has no line.
 */
export interface ExampleOutcomes {
  /** `Example.id`. */
  example: string;
  /** Index of the right option. */
  answer: number;
  options: string[];
  /** How often the best reader of the options alone is right; absent where that is one over their number. */
  chance?: number;
  /** Questions of one group count together (a pair of MMVP): they are one cluster, and right only if all are. */
  group?: string;
  /** Digest of the example's images: questions with equal images are one cluster of the statistics. */
  images?: string;
  /** Of what the oracle was made, where not of its helper's features. */
  oracle?: OracleKind;
  /** By intervention name. An intervention that does not apply to this example (no oracle, no counterfactual) is absent. */
  outcomes: Record<string, Outcome>;
}

/**
 * Chance of an example: that of the best reader of its options alone, who sees neither question nor input.
 *
 * @example
 * chanceOf({ options: ["a", "b", "c", "d"] }); // 0.25
 */
export const chanceOf = ({ options, chance }: Pick<ExampleOutcomes, "options" | "chance">): number =>
  chance ?? 1 / options.length;

/**
 * The cluster of an example in the statistics: its group, else its images; undefined for one of its own.
 *
 * @example
 * clusterOf({ images: "x", group: "1" }); // "group 1"
 */
export const clusterOf = ({
  group,
  images,
}: Pick<ExampleOutcomes, "group" | "images">): string | undefined =>
  group === undefined ? images : `group ${group}`;

/** Means over the slots that were fed. null where it could not be computed; `reason` says why the first of them. */
export interface Dose {
  /** L2 norm of a slot. */
  norm: number | null;
  /** L2 distance and cosine of a slot to the example's own latent in the same slot. */
  distance: number | null;
  cosine: number | null;
  /** Mahalanobis distance of a slot to the own latents of the split in that slot. */
  mahalanobis: number | null;
  reason?: string;
}

/** One example under one intervention. */
export interface Outcome {
  /** Everything the model wrote, special tokens included. */
  text: string;
  /** Index of the option that the text names; null where no option could be read from it. */
  choice: number | null;
  /** Index of the option that the text names anywhere (lenient.ts); absent in journals of the first version. */
  lenient?: number | null;
  /** Log-probability of each option's first token at the answer position, normalised over the options; null where the model reached no answer. */
  optionLogProbabilities: number[] | null;
  /** Latent blocks opened, and vectors fed in all of them. */
  blocks: number;
  steps: number;
  /** Vectors fed in each block; only where blocks have other lengths than the family's K. */
  lengths?: number[];
  /** Why each block ended. */
  endings: Ending[];
  /** Only where the block stands for an option (`counterfactual`, `exchange`): its index. */
  target?: number;
  /** Under own, oracle and other latents: the option that the first block looks like, where options have features. */
  looks?: { option: number; margin: number; flat?: { option: number; margin: number } };
  /** Only where it is so: under these as well, exactly the same vectors stood in the slots between the same markers. */
  same?: ("own" | "oracle")[];
  /** Why the text ended: end of text, or the limit of ids. */
  finish?: "eos" | "length";
  /** How far what stood in the slots is from the example's own latents. */
  dose?: Dose;
}

/** Bytes of outcomes that stay in memory as they are. */
const IN_MEMORY = 8 * 2 ** 20;
/** An example, and one of its outcomes. */
const [EXAMPLE, OUTCOME] = [256, 700];

/**
 * Keeps outcomes of many examples in little memory: those of one example are read from a temporary file when they are looked
 * at.
 *
 * @example
 * lightOutcomes()({ example: "1", answer: 0, options: ["a", "b"], outcomes: {} }).outcomes; // {}
 */
export function lightOutcomes(): (record: ExampleOutcomes) => ExampleOutcomes {
  const light = lightened<ExampleOutcomes>({ inMemory: IN_MEMORY, fields: ["outcomes"] });
  return (record) => light(record, EXAMPLE + OUTCOME * Object.keys(record.outcomes).length);
}

/**
 * Whether an outcome names the right option; an answer that could not be read is wrong.
 *
 * @example
 * isRight({ text: "", choice: null, optionLogProbabilities: null, blocks: 0, steps: 0, endings: [] }, 0); // false
 */
export function isRight(outcome: Outcome, answer: number): boolean {
  return outcome.choice === answer;
}
