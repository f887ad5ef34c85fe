/** For tests only: an audit outside of a run, and `lintel explore` in a process of its own whose models answer beside it. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ExampleOutcomes } from "../../src/audit/index.ts";
import { knownExamples, knownModels, saveKnownModel } from "../../src/selftest/index.ts";
import { writeKnownData } from "../cli/known.ts";
import { lintel, type Started, start } from "../cli/run.ts";

export interface Audited {
  model: string;
  data: string;
  audit: string;
  /** Lines of the journal. */
  outcomes: ExampleOutcomes[];
}

/** A starved model, whose own latents and oracles give other answers, audited on 12 examples. */
export async function writeAudited(
  directory: string,
  interventions = "own,oracle,zeros,mean,blend(0.25),blend(0.6),counterfactual",
): Promise<Audited> {
  const [model, data, audit] = ["model", "data", "audit"].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  const starved = knownModels.find(({ name }) => name === "starved")!;
  mkdirSync(directory, { recursive: true });
  await saveKnownModel(model, starved);
  await writeKnownData(data, knownExamples(12, starved.clear, 0));
  const { code, err } = await lintel(
    "audit",
    ...["--model", model, "--data", data, "--out", audit, "--interventions", interventions],
  );
  if (code !== 0) throw new Error(err);
  const lines = readFileSync(join(audit, "outcomes.jsonl"), "utf8").trim().split("\n");
  return { model, data, audit, outcomes: lines.map((line) => JSON.parse(line)) };
}

export interface Serving {
  process: Started;
  url: string;
}

/** Starts `lintel explore` as a user does, and waits for its address. */
export async function serving(...argv: string[]): Promise<Serving> {
  const process = start(["explore", ...argv, "--json"]);
  const url = await new Promise<string>((resolve, reject) => {
    let seen = "";
    process.stdout!.on("data", (text: string) => {
      seen += text;
      if (seen.includes("\n")) resolve((JSON.parse(seen) as { url: string }).url);
    });
    process.ended.then(({ err }) => reject(new Error(err)), reject);
  });
  return { process, url };
}

/** Ends a server as Ctrl-C does, and waits for its end. */
export async function stop({ process }: Serving): Promise<void> {
  process.kill("SIGINT");
  await process.ended;
}

/** Probabilities of an outcome's options. */
export const probabilitiesOf = (outcomes: ExampleOutcomes, name: string): number[] =>
  outcomes.outcomes[name]!.optionLogProbabilities!.map(Math.exp);
