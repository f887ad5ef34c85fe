/** `--budget`: what an audit runs in a given time. */
import { join } from "node:path";
import {
  differences,
  digestOf,
  type Inputs,
  otherRequest,
  readJson,
  writeJson,
} from "../../formats/index.ts";
import { loadRuntime } from "../../graph/index.ts";
import { ensure, LintelError } from "../../util/index.ts";
import { prepareImages } from "../data/prepare-images.ts";
import { budgetSchema } from "../record/budget-schema.ts";
import type { AuditResult } from "../record/schema.ts";
import { type Choice, candidatesOf, chooseControls, verdictInterventions } from "./choose-controls.ts";
import { withReader } from "./dry-run.ts";
import { parametersOf, speedOf } from "./engine-estimate.ts";
import { localRates } from "./local-rates.ts";
import { firstQuestion } from "./memory-estimate.ts";
import { type AuditRequest, inDirectory, requestedSelection, selectionOf } from "./request.ts";
import { REPLY, secondsOf } from "./seconds.ts";
import { REVIEWER, type SelectionRequest } from "./select-interventions.ts";

/** Beside the audit, so that the same command goes on with the same choice. */
const FILE = "budget.json";

type Requested = NonNullable<AuditResult["budget"]>["requested"];

/** What was chosen, the time that was given for it, and what was requested. */
export interface Budget extends Choice {
  minutes: number;
  requested: Requested;
}

const recordOf = ({ names = [], suites, definitions = new Map() }: SelectionRequest): Requested => ({
  interventions: [...names],
  ...(suites && { suites: [...suites] }),
  definitions: Object.fromEntries(
    [...definitions].map(([name, { definition }]) => [name, definition ?? null]),
  ),
});

/** As requests are compared; in which order names were given does not matter. */
function inputsOf({ minutes, requested }: Pick<Budget, "minutes" | "requested">): Inputs {
  const list = (names: readonly string[]): string => [...new Set(names)].sort().join(", ") || "none";
  const { interventions, suites, definitions } = requested;
  return {
    options: {
      minutes,
      interventions: list(interventions),
      suites: suites ? list(suites) : "all",
      ...Object.fromEntries(
        Object.entries(definitions).map(([name, definition]) => [
          `definition of ${name}`,
          digestOf([definition]),
        ]),
      ),
    },
  };
}

/** The choice that is kept in a directory; null where there is none. */
async function knownBudget(
  directory: string,
  now: Pick<Budget, "minutes" | "requested">,
): Promise<Budget | null> {
  const path = join(directory, FILE);
  const about = {
    expected: "the controls that were chosen for this audit",
    attempt: `deleting ${FILE}, or another --out`,
  };
  const found = await readJson(path, about);
  if (found === null) return null;
  const { data, error } = budgetSchema.safeParse(found);
  if (error) {
    const got = error.issues.map(({ path: at, message }) => `${at.join(".") || "the file"}: ${message}`);
    throw new LintelError("input", { where: path, ...about, got: got.join("; "), cause: error });
  }
  const differing = differences(inputsOf(data as Budget), inputsOf(now));
  if (differing.length > 0) throw otherRequest(directory, "an audit", differing);
  return data as Budget;
}

/**
 * Chooses the controls of an audit for a time: the verdict's interventions, those that were requested, and of the questions of
 * docs/controls.md (with `suites` of those alone) the ones that decide most per minute, by the estimate of `--dry-run`.
 *
 * A directory that was begun with a choice goes on with it.
 *
 * Errors: "usage" where the verdict alone takes longer, and for a directory whose choice was made for another time, or for other
 * interventions, suites or definitions; "input" where its file is malformed; as `planAudit`.
 *
 * @example
 * const failed = await planBudget({ model: "no-model", data: "no-data" }, 10).catch((error) => error);
 * failed.code; // "dataset"
 */
export async function planBudget(request: AuditRequest, minutes: number): Promise<Budget> {
  // Names are checked first.
  selectionOf(request);
  const selection = requestedSelection(request);
  const { names = [], suites, definitions } = selection;
  const requested = recordOf(selection);
  const directory = request.output?.directory;
  const known = directory ? await knownBudget(directory, { minutes, requested }) : null;
  if (known) return known;
  const choice = await withReader(request, async (reader, data) => {
    const { engine, weights, device, threads, maxTokens } = inDirectory(request.model);
    const { config, rules, family, pictures } = reader;
    const { examples } = await prepareImages(data.examples, pictures.transparency);
    const { question } = await firstQuestion(reader, examples);
    const sizes = { config, examples: examples.length, prompt: question?.tokens ?? 0, slots: rules.k };
    if (!engine) await loadRuntime();
    const speed = reader.stored
      ? speedOf(reader.stored, config)
      : {
          rates: await localRates({ ...(device && { device }), ...(threads && { threads }) }),
          weight: weights === "int8" ? 1 : weights === "int4" ? 0.5 : 4,
          perToken: 8 * config.text.layers * config.text.kvHeads * config.text.headDim,
          ...parametersOf(config),
          vision: 0,
        };
    ensure(speed !== null, "usage", () => ({
      where: "--budget",
      expected: "an engine whose speed is known beforehand",
      got: "a mixture of experts, whose time config.json does not say",
      attempt: "--suites or --interventions",
    }));
    const reply = Math.min(REPLY, maxTokens ?? family.generation.maxTokens);
    const secondsFor: Parameters<typeof chooseControls>[2] = (some, analyses) =>
      secondsOf(speed, { ...sizes, interventions: some }, reply, analyses);
    const base = [...verdictInterventions, ...names];
    const found = chooseControls(
      candidatesOf(suites?.includes(REVIEWER) ? undefined : suites),
      base,
      secondsFor,
      minutes * 60,
      definitions,
    );
    ensure(found !== null, "usage", () => ({
      where: "--budget",
      expected: "time for the interventions that the verdict rests on",
      got: minutes === 1 ? "1 minute" : `${minutes} minutes`,
      attempt: "a longer time, or fewer examples with --limit",
    }));
    return found;
  });
  return { minutes, requested, ...choice };
}

/** Keeps the choice in the directory of the audit that it was made for. */
export const recordBudget = (directory: string, budget: object): Promise<void> =>
  writeJson(join(directory, FILE), budget);

/**
 * The request with the interventions and suites of a choice; where all controls of a reviewer were requested, with the appendix.
 *
 * @example
 * const requested = { interventions: [], definitions: {} };
 * const choice = { minutes: 1, requested, suites: ["trt"], interventions: ["own"], verdict: 0, seconds: 0, chosen: [], left: [] };
 * withBudget({ model: "m", data: "d" }, choice).interventions; // { names: ["own"], suites: ["trt"] }
 */
export function withBudget<R extends AuditRequest>(
  request: R,
  { interventions, suites }: Budget,
): R & { interventions: SelectionRequest } {
  const requested = requestedSelection(request);
  return {
    ...request,
    interventions: {
      ...requested,
      ...(requested.suites?.includes(REVIEWER) && { appendix: true as const }),
      names: interventions,
      suites,
    },
  };
}
