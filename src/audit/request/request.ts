/** The request of an audit. Each part is declared in the stage that consumes it. */
import type { OnProgress } from "../../util/index.ts";
import type { DataRequest } from "../data/read-data.ts";
import type { LoadedModelRequest, ModelRequest } from "../decode/load-audited-model.ts";
import type { VerdictRequest } from "../judge/verdict.ts";
import type { OutputRequest } from "../record/output.ts";
import { type Selection, type SelectionRequest, selectInterventions } from "./select-interventions.ts";

export interface AuditRequest {
  /** A dataset; a string is its directory. */
  data: string | DataRequest;
  /** A checkpoint; a string is its directory. */
  model: string | ModelRequest;
  /** Names of interventions, or names, definitions and suites; default: the standard set. */
  interventions?: readonly string[] | SelectionRequest;
  verdict?: VerdictRequest;
  output?: OutputRequest;
  /** Seed of option order, noise, donors and samples (default: 0). */
  seed?: number;
  onProgress?: OnProgress;
  onWarning?: (warning: string) => void;
  signal?: AbortSignal;
}

/** An audit of a model and examples that are in memory. */
export interface LoadedAuditRequest extends Omit<AuditRequest, "data" | "model"> {
  model?: LoadedModelRequest;
}

/** A part of a request in its long form. */
export const inDirectory = <Part extends { directory: string }>(part: string | Part): Part =>
  typeof part === "string" ? ({ directory: part } as Part) : part;

/** The selected interventions of a request. */
export const selectionOf = ({ interventions = {} }: Pick<LoadedAuditRequest, "interventions">): Selection =>
  selectInterventions(isNames(interventions) ? { names: interventions } : interventions);

const isNames = (given: readonly string[] | SelectionRequest): given is readonly string[] =>
  Array.isArray(given);
