/** Groups of cells that differ only in their seed. */
import { type AuditResult, bestControl, type InterventionResult } from "../audit/index.ts";
import { inOrder } from "./labels.ts";
import { type LocatedNumber, type Pointer, pointer } from "./numbers.ts";
import type { CellResult, Results } from "./study-types.ts";

/** One cell with its position in `results.json`. */
interface GroupMember {
  cell: CellResult;
  index: number;
}

/** One audit of one cell with its position. */
export interface LocatedAudit {
  member: GroupMember;
  audit: AuditResult;
  /** Index within the cell's audits. */
  index: number;
  /** The audit is a document of its own, audit.json. */
  alone?: true;
}

/** The same split of the same task, for every seed of a group. */
export interface Evaluation {
  task: string;
  split: string;
  /** True where the model is tested on another task than it was trained on. */
  foreign: boolean;
  seeds: LocatedAudit[];
}

export interface Group {
  task: string;
  recipe: string;
  members: GroupMember[];
  evaluations: Evaluation[];
}

function trialsOf(members: readonly GroupMember[]): Evaluation[] {
  const evaluations = new Map<string, Evaluation>();
  for (const member of members) {
    member.cell.audits.forEach((audit, index) => {
      const task = audit.task ?? member.cell.task;
      const key = JSON.stringify([task, audit.split]);
      const evaluation = evaluations.get(key) ?? {
        task,
        split: audit.split,
        foreign: task !== member.cell.task,
        seeds: [],
      };
      evaluation.seeds.push({ member, audit, index });
      evaluations.set(key, evaluation);
    });
  }
  return [...evaluations.values()];
}

/**
 * Groups the cells by task and recipe, in the order of `results.json`, seeds ascending.
 *
 * @example
 * groupCells([]); // []
 */
export function groupCells(cells: Results["cells"]): Group[] {
  const groups = new Map<string, Group>();
  cells.forEach((cell, index) => {
    const key = JSON.stringify([cell.task, cell.recipe]);
    const group = groups.get(key) ?? { task: cell.task, recipe: cell.recipe, members: [], evaluations: [] };
    group.members.push({ cell, index });
    groups.set(key, group);
  });
  for (const group of groups.values()) {
    group.members.sort((a, b) => a.cell.seed - b.cell.seed || a.index - b.index);
    group.evaluations = trialsOf(group.members);
  }
  return [...groups.values()];
}

/**
 * The pointer to something inside an audit.
 *
 * @example
 * inAudit({ member: { index: 2 }, index: 0 }, "n"); // "#/cells/2/audits/0/n"
 */
export function inAudit(placed: LocatedAudit, ...path: (string | number)[]): Pointer {
  if (placed.alone) return pointer(...path);
  return pointer("cells", placed.member.index, "audits", placed.index, ...path);
}

/** A number of an intervention with its place; undefined where the intervention was not run. */
export function measured(
  placed: LocatedAudit,
  intervention: string,
  key: "accuracy" | "answered" | "latentRate" | "following" = "accuracy",
): LocatedNumber | undefined {
  const result: InterventionResult | undefined = Object.hasOwn(placed.audit.interventions, intervention)
    ? placed.audit.interventions[intervention]
    : undefined;
  if (!result) return undefined;
  const source = inAudit(placed, "interventions", intervention, key);
  return { value: result[key], source, reason: result.reasons?.[key] };
}

/** The content-free control with the highest accuracy, with its place; undefined where none was measured. */
export function locatedControl(placed: LocatedAudit): { name: string; at: LocatedNumber } | undefined {
  const name = bestControl(placed.audit.interventions);
  return name === undefined ? undefined : { name, at: measured(placed, name)! };
}

/**
 * Names of the interventions of an evaluation, over all its seeds, in the order of the page.
 *
 * @example
 * interventionsOf({ seeds: [{ audit: { interventions: { zeros: {}, own: {} } } }] }); // ["own", "zeros"]
 */
export function interventionsOf(evaluation: Evaluation): string[] {
  const names = evaluation.seeds.flatMap((seed) => Object.keys(seed.audit.interventions));
  return inOrder([...new Set(names)]);
}
