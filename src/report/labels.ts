/** Labels of interventions, roles and verdicts on the page. Definitions: docs/interventions.md and docs/science.md. */
import type { Verdict } from "../audit/index.ts";
import {
  describeIntervention,
  type InterventionRole,
  interventionNames,
  interventionRecord,
  interventionRoles,
} from "../reasoning/index.ts";

/** How an intervention is drawn: its color and symbol in charts. */
export type Role = "own" | "oracle" | "content-free" | "control" | "counterfactual";

const ROLES: Record<InterventionRole, Role> = {
  reference: "control",
  "content-free control": "content-free",
  "in-distribution control": "content-free",
  "other control": "control",
  "structural control": "control",
  counterfactual: "counterfactual",
  dose: "control",
  attention: "control",
  input: "control",
};

/**
 * How an intervention is drawn; those that a file defines are drawn as controls.
 *
 * @example
 * roleOf("zeros"); // "content-free"
 */
export function roleOf(name: string): Role {
  if (name === "own" || name === "oracle") return name;
  const record = interventionRecord(name);
  return record ? ROLES[record.role] : "control";
}

/**
 * What an intervention does, with its parameters.
 *
 * @example
 * descriptionOf("zeros"); // "Replaces every latent with the zero vector."
 */
export function descriptionOf(name: string): string {
  const record = interventionRecord(name);
  return record ? describeIntervention(record) : "Defined in the study’s file of interventions.";
}

/** Rank of a name on the page: by role, then as registered; unknown names last. */
function rankOf(name: string): number {
  const record = interventionRecord(name);
  if (!record) return Number.POSITIVE_INFINITY;
  const base = (interventionNames as readonly string[]).indexOf(name.replace(/\(.*/, ""));
  return interventionRoles.indexOf(record.role) * interventionNames.length + base;
}

/**
 * Names in the order of charts and tables: by role, then as registered, then those that a file defines.
 *
 * @example
 * inOrder(["zeros", "my-own", "own"]); // ["own", "zeros", "my-own"]
 */
export const inOrder = (names: readonly string[]): string[] =>
  [...names].sort((a, b) => {
    const [x, y] = [rankOf(a), rankOf(b)];
    return x === y ? 0 : x - y;
  });

/** Palette variable and symbol of each role: color is never the only sign. */
export const ROLE_MARKS: Record<Role, { color: string; symbol: string; label: string }> = {
  own: { color: "var(--own)", symbol: "circle", label: "own" },
  oracle: { color: "var(--oracle)", symbol: "diamond", label: "oracle" },
  "content-free": { color: "var(--content-free)", symbol: "square", label: "content-free controls" },
  control: { color: "var(--control)", symbol: "times", label: "other interventions" },
  counterfactual: { color: "var(--counterfactual)", symbol: "triangle", label: "counterfactual" },
};

/** What each verdict means; the rules are in docs/science.md. */
export const VERDICTS: Record<Verdict, string> = {
  "load-bearing": "Own latents beat every content-free control: without their content accuracy falls.",
  starved:
    "Oracle latents beat every content-free control, and own latents close at most a tenth of the gap from the best in-distribution control to the oracle: the model can use good latents but does not generate them.",
  bypassed:
    "Every content-free control, and the oracle where there is one, is equivalent to own latents within the margin: accuracy does not depend on the contents of the slots, within that margin.",
  inconclusive: "None of the three was shown; the reason is given with the verdict.",
  "no-latents": "The model opened no latent block, so there is nothing to replace.",
};
