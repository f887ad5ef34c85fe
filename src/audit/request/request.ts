/** The request of an audit. Each part is declared in the stage that consumes it. */
import type { Family } from "../../families/index.ts";
import { defaultInterventions } from "../../reasoning/index.ts";
import type { OnProgress } from "../../util/index.ts";
import type { DataRequest } from "../data/read-data.ts";
import type { LoadedModelRequest, ModelRequest } from "../decode/load-audited-model.ts";
import type { NamedSlice } from "../judge/named-slices.ts";
import type { VerdictRequest } from "../judge/verdict.ts";
import type { OutputRequest } from "../record/output.ts";
import type { AuditResult } from "../record/schema.ts";
import type { Shard } from "../shards.ts";
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
  /** Parts of the split whose differences are reported as well. */
  slices?: readonly NamedSlice[] | undefined;
  /** How interventions and suites were chosen, where they were chosen for a time; recorded with the result. */
  budget?: AuditResult["budget"];
  /** One part of it, in `output.directory`; "rest" puts all parts together there and finishes it. */
  shard?: Shard | undefined;
  /** Seed of option order, noise, donors and samples (default: 0). */
  seed?: number;
  onProgress?: OnProgress;
  onWarning?: (warning: string) => void;
  /** Told of lines of an engine's standard error. */
  onLine?: ((line: string) => void) | undefined;
  signal?: AbortSignal;
}

/** An audit of a model and examples that are in memory. */
export interface LoadedAuditRequest extends Omit<AuditRequest, "data" | "model"> {
  model?: LoadedModelRequest;
}

/** A part of a request in its long form. */
export const inDirectory = <Part extends { directory: string }>(part: string | Part): Part =>
  typeof part === "string" ? ({ directory: part } as Part) : part;

/** The selected interventions of a request; those that are selected by default, as far as a `family` offers them. */
export function selectionOf(
  request: Pick<LoadedAuditRequest, "interventions">,
  family?: Pick<Family, "controls">,
): Selection {
  const asked = requestedSelection(request);
  const offers = family?.controls?.offers;
  if (!offers || asked.names || asked.suites?.length) return selectInterventions(asked);
  return selectInterventions({
    ...asked,
    names: defaultInterventions.filter((name) => offers.includes(name)),
  });
}

/** The interventions and suites that a request asks for, in their long form. */
export const requestedSelection = ({
  interventions = {},
}: Pick<LoadedAuditRequest, "interventions">): SelectionRequest =>
  isNames(interventions) ? { names: interventions } : interventions;

const isNames = (given: readonly string[] | SelectionRequest): given is readonly string[] =>
  Array.isArray(given);
