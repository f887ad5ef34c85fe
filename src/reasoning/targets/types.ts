/** A second network, from which a family's training took its targets. */
import type { Example, Picture } from "../../tasks/index.ts";

export interface TargetNetwork {
  kind: "teacher" | "sketch";
  /** Where it was loaded from, as an audit records it. */
  from: string;
  /** What the oracle is with it, in words. */
  note: string;
  /** As `oracleMaker`. */
  oracles(example: Example): Promise<(k: number) => Float32Array[]>;
  /** Features of a picture that is in no dataset, as an oracle is computed from. */
  of(picture: Picture): Promise<Float32Array>;
  release(): Promise<void>;
}
