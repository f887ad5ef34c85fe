/** A model that is asked from the page: what it is asked, and what it answers. It runs in the page, or beside the server. */
import type { AuditEntry, Looked, Reply, Sample, Wanted } from "../../src/explorer/types.ts";
import type { Picture } from "./pictures.ts";
import { trialBeside } from "./trial-beside.ts";
import { trialInPage } from "./trial-in-page.ts";

/** A row of an audit, with its example. */
export interface Asked {
  audit: number;
  row: number;
  sample: Sample;
}

/** What a source needs besides the question: a helper for "drawn", the example of "other". */
interface Given {
  drawn?: Picture | undefined;
  other?: Asked | undefined;
}

/** An example that was read up to its latent block. An aborted signal ends the computation with an error. */
export interface Question {
  own: Reply;
  /** The reply with own latents moved towards a source. */
  answer(wanted: Wanted, given: Given, signal?: AbortSignal): Promise<Reply>;
  /** What is inside the answer with own latents. */
  inside(signal?: AbortSignal): Promise<Looked>;
  /** In what the model differs from the one that was audited, as sentences. */
  check(): Promise<string[]>;
}

export interface Trial {
  ask(asked: Asked, signal?: AbortSignal): Promise<Question>;
}

/** Whether a model answers for an audit. */
export const canAsk = ({ model, beside }: Pick<AuditEntry, "model" | "beside">): boolean =>
  model !== null || beside;

const trials = new Map<string, Promise<Trial>>();

/** The model of an audit; it is opened once. */
export function openTrial({ model, beside }: Pick<AuditEntry, "model" | "beside">): Promise<Trial> {
  const key = beside ? "beside" : String(model);
  const before = trials.get(key);
  if (before) return before;
  const made = beside ? Promise.resolve(trialBeside) : trialInPage(model!);
  trials.set(key, made);
  made.catch(() => trials.delete(key));
  return made;
}
