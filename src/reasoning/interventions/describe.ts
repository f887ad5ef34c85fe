/** The registry in words, for help, reports and docs/interventions.md. */
import { type InterventionName, interventionNames, interventions } from "./registry.ts";
import type { Intervention, InterventionRole, Parameter } from "./types.ts";

/** The record of an intervention by its name in results; undefined for interventions that a file defines. */
export function interventionRecord(name: string): Intervention | undefined {
  const base = name.replace(/[(@].*/, "");
  return Object.hasOwn(interventions, base) ? interventions[base as InterventionName] : undefined;
}

/** Admissible values of a parameter. */
function rangeText({ min, max, integer, choices }: Parameter): string {
  if (choices) return choices.join(", ");
  return `${integer ? "an integer" : "a number"} ${max === undefined ? `of at least ${min}` : `from ${min} to ${max}`}`;
}

/**
 * Description of a record and of its parameters.
 *
 * @example
 * describeIntervention(interventions.truncate).split(". ")[1]; // "k: number of slots that are kept (an integer of at least 0)."
 */
export const describeIntervention = ({ description, parameters = {} }: Intervention): string =>
  [
    description,
    ...Object.entries(parameters).map(([name, each]) => `${name}: ${each.description} (${rangeText(each)}).`),
  ].join(" ");

/** One intervention for a table. */
interface InterventionRow {
  /** Its name, with an example value of each parameter. */
  name: string;
  role: InterventionRole;
  description: string;
  source: string;
}

/**
 * Every intervention in the order of the registry.
 *
 * @example
 * interventionRows().find(({ name }) => name === "blend(0.5)")?.role; // "dose"
 */
export const interventionRows = (): InterventionRow[] =>
  interventionNames.map((base) => {
    const record: Intervention = interventions[base];
    const values = Object.values(record.parameters ?? {}).map(({ example }) => example);
    return {
      name: values.length > 0 ? `${base}(${values.join(", ")})` : base,
      role: record.role,
      description: describeIntervention(record),
      source: record.source,
    };
  });

/** Those that make the block anew. */
const withBlock: readonly string[] = ["own-steps", "propagated"] satisfies InterventionName[];

/**
 * What an intervention computes per example beside own latents, and by which operations of an engine (docs/engine-protocol.md).
 *
 * @example
 * demandsOf("blank-image"); // { cost: "prompt, block, reply", engine: "features, prefill, run" }
 */
export function demandsOf(name: InterventionName): { cost: string; engine: string } {
  const { input, search, needs = [], role }: Intervention = interventions[name];
  if (name === "own") return { cost: "prompt, block, reply", engine: "features, prefill, run" };
  if (input) return { cost: "prompt, block, reply", engine: "features, prefill, run" };
  if (search) return { cost: "10 readings with gradient, reply", engine: "replay with gradient, run" };
  const features = needs.some((each) => each !== "split") ? "features, " : "";
  const cost = withBlock.includes(name) ? "block, reply" : "reply";
  return { cost, engine: `${features}${role === "attention" ? "run with hide" : "run"}` };
}

/**
 * The table of docs/interventions.md, written there by scripts/interventions-table.mjs.
 *
 * @example
 * interventionsMarkdown().split("\n")[2]; // "| `own` | reference | Feeds the model's own hidden states. | the model's own decoding | prompt, block, reply | …"
 */
export function interventionsMarkdown(): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const cell = (text: string): string => text.replaceAll("|", "\\|");
  return [
    line(["name, with an example value", "role", "effect", "source", "per example", "of an engine"]),
    line(["---", "---", "---", "---", "---", "---"]),
    ...interventionRows().map(({ name, role, description, source }, i) => {
      const { cost, engine } = demandsOf(interventionNames[i]!);
      return line([`\`${name}\``, role, cell(description), cell(source), cost, engine]);
    }),
  ].join("\n");
}
