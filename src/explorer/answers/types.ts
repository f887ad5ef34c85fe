/** What is asked of a model beside the server. Everything crosses to another process as it is. */
import type { ModelRequest } from "../../audit/index.ts";
import type { Facts } from "../../formats/index.ts";
import type { Looked } from "../../reasoning/index.ts";
import type { Example } from "../../tasks/index.ts";
import type { Reply, Wanted } from "../types.ts";

/** The model of an audit: how it is loaded, and what the audit recorded of it. */
export interface AuditedModel {
  request: ModelRequest;
  /** The task or benchmark, on which the reader of answers depends. */
  task?: string;
  /** Digests of the audit's model; absent where it kept none. */
  fingerprint?: Facts;
  /** The audit's decoding loop; absent where it kept none. */
  dialect?: string;
}

/** An example under a name by which the model knows it again. */
export interface KeyedExample {
  key: string;
  example: Example;
}

/** What is wanted of the model about an example. */
export type Task =
  | { kind: "own" }
  /** `drawn`: a PNG. `other`: the example whose own latents are the source. `mean`: mean own latents, by block. */
  | { kind: "answer"; wanted: Wanted; drawn?: Uint8Array; other?: KeyedExample; mean?: Float32Array[] }
  /** `deviation` [K·D]: deviation of own latents over the split. */
  | { kind: "inside"; deviation: Float32Array | null }
  /** In what the model differs from the one that was audited, as sentences. */
  | { kind: "check" };

export interface Job extends KeyedExample {
  task: Task;
}

/** The result of a task: a reply, what is inside, or sentences. */
export type Answered = Reply | Looked | { notes: string[] };

/** Something that does jobs of one model. */
export interface Answerer {
  /** Errors: those of the model; the signal's reason where it is aborted. */
  ask(job: Job, signal: AbortSignal): Promise<Answered>;
  release(): Promise<void>;
}
