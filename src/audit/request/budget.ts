/** `--budget`: what an audit runs in a given time. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readJson, writeJson } from "../../formats/index.ts";
import { loadRuntime } from "../../graph/index.ts";
import { ensure } from "../../util/index.ts";
import { prepareImages } from "../data/prepare-images.ts";
import { type Budget, candidatesOf, chooseControls, verdictInterventions } from "./choose-controls.ts";
import { withReader } from "./dry-run.ts";
import { parametersOf, speedOf } from "./engine-estimate.ts";
import { localRates } from "./local-rates.ts";
import { firstQuestion } from "./memory-estimate.ts";
import { type AuditRequest, inDirectory } from "./request.ts";
import { REPLY, secondsOf } from "./seconds.ts";
import { REVIEWER } from "./select-interventions.ts";

/** Beside the audit, so that the same command goes on with the same choice. */
const FILE = "budget.json";

/**
 * Chooses the controls of an audit for a time: the verdict's interventions, those that were asked for, and of the questions of
 * docs/controls.md (with `suites` of those alone) the ones that decide most per minute, by the estimate of `--dry-run`.
 *
 * Errors: "usage" where the verdict alone takes longer, with its time; as `planAudit`.
 *
 * @example
 * const failed = await planBudget({ model: "no-model", data: "no-data" }, 10).catch((error) => error);
 * failed.code; // "dataset"
 */
export async function planBudget(request: AuditRequest, minutes: number): Promise<Budget> {
  const directory = request.output?.directory;
  const path = directory && join(directory, FILE);
  if (path && existsSync(path)) {
    const known = (await readJson(path, {
      expected: "the controls that were chosen for this audit",
      attempt: `deleting ${FILE}, or another directory`,
    })) as Budget;
    ensure(known.minutes === minutes, "usage", () => ({
      where: "--budget",
      expected: `${known.minutes} minutes, as this directory was begun with`,
      got: `${minutes}`,
      attempt: "another --out",
    }));
    return known;
  }
  const { interventions = {} } = request;
  const given = Array.isArray(interventions) ? { names: interventions as string[] } : interventions;
  const { names = [], suites } = given as { names?: readonly string[]; suites?: readonly string[] };
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
    );
    ensure(found !== null, "usage", () => ({
      where: "--budget",
      expected: "time for the interventions that the verdict rests on",
      got: `${minutes} minutes`,
      attempt: "a longer time, or fewer examples with --limit",
    }));
    return found;
  });
  return { minutes, ...choice };
}

/** Keeps the choice in the directory of the audit that it was made for. */
export const recordBudget = (directory: string, budget: object): Promise<void> =>
  writeJson(join(directory, FILE), budget);

/**
 * The request with the interventions and suites of a choice.
 *
 * @example
 * const choice = { minutes: 1, suites: ["trt"], interventions: ["own"], verdict: 0, seconds: 0, chosen: [], left: [] };
 * withBudget({ model: "m", data: "d" }, choice).interventions; // { names: ["own"], suites: ["trt"] }
 */
export const withBudget = <R extends AuditRequest>(request: R, { interventions, suites }: Budget): R => ({
  ...request,
  interventions: {
    ...(Array.isArray(request.interventions) ? {} : request.interventions),
    names: interventions,
    suites,
  },
});
