/** Paired differences on named parts of a split: lists of examples, such as the explorer saves them. */
import { readFile } from "node:fs/promises";
import { basename, extname } from "node:path";
import { ensure, LintelError } from "../../util/index.ts";
import { type ExampleOutcomes, isRight } from "../record/outcomes.ts";
import type { AuditResult, NamedSlices } from "../record/schema.ts";
import { type ComparisonOptions, compareAll } from "./comparison.ts";

/** A named list of examples, which is reported by itself. */
export interface NamedSlice {
  name: string;
  /** Ids of its examples. */
  examples: readonly string[];
}

/**
 * Slices from text files: one id in a line, the file's name without its ending is the slice's.
 *
 * Errors: "input" for a file that cannot be read or names no example; "usage" for two of one name.
 *
 * @example
 * const { writeFileSync } = await import("node:fs");
 * writeFileSync("hard.txt", "eval-000003\neval-000007\n");
 * await readSlices(["hard.txt"]); // [{ name: "hard", examples: ["eval-000003", "eval-000007"] }]
 */
export async function readSlices(paths: readonly string[]): Promise<NamedSlice[]> {
  const slices: NamedSlice[] = [];
  for (const path of paths) {
    const parts = { where: path, expected: "a text file with one example id in a line" };
    const attempt = "a slice that the explorer saved: Examples, Slices, Download its ids";
    const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
      const got = cause.code === "ENOENT" ? "no such file" : cause.message;
      throw new LintelError("input", { ...parts, got, attempt, cause });
    });
    const examples = [...new Set(text.split(/\r?\n/).filter((line) => line.trim() !== ""))];
    ensure(examples.length > 0, "input", () => ({ ...parts, got: "no lines", attempt }));
    const name = basename(path, extname(path));
    ensure(!slices.some((each) => each.name === name), "usage", () => ({
      where: "--slice",
      expected: "files of different names",
      got: `two slices called ${name}`,
      attempt: "another name for one of the files",
    }));
    slices.push({ name, examples });
  }
  return slices;
}

/**
 * Accuracies and paired differences on each slice, as an audit has them of all examples; Holm's correction runs within a
 * slice. Which examples a slice holds has to be decided from other answers than those that are compared: a slice of examples
 * that own latents got wrong favors every other intervention.
 *
 * Errors: "input" for a slice of which no example was audited.
 *
 * @example
 * const answer = { text: "a", choice: 0, optionLogProbabilities: null, blocks: 1, steps: 1, endings: [] };
 * const outcomes = ["1", "2", "3"].map((example, i) => ({ example, answer: i % 2, options: ["a", "b"], outcomes: { own: answer } }));
 * namedSlices(outcomes, ["own"], [{ name: "odd", examples: ["1", "3", "5"] }], { margin: 0.02, alpha: 0.05 }).odd;
 * // { n: 2, missing: 1, interventions: { own: { n: 2, accuracy: 1 } }, comparisons: [] }
 */
export function namedSlices(
  outcomes: readonly ExampleOutcomes[],
  names: readonly string[],
  slices: readonly NamedSlice[],
  options: ComparisonOptions,
): NamedSlices {
  return Object.fromEntries(
    slices.map(({ name: slice, examples }) => {
      const wanted = new Set(examples);
      const part = outcomes.filter(({ example }) => wanted.has(example));
      ensure(part.length > 0, "input", () => ({
        where: `slice ${slice}`,
        expected: "examples of this audit",
        got: `${examples[0]}${examples.length > 1 ? ` and ${examples.length - 1} more` : ""}, none of which it has`,
        attempt: "a slice of the same split",
      }));
      const interventions = names.flatMap((name) => {
        const scored = part.filter((each) => each.outcomes[name]);
        const right = scored.filter((each) => isRight(each.outcomes[name]!, each.answer)).length;
        return scored.length > 0 ? [[name, { n: scored.length, accuracy: right / scored.length }]] : [];
      });
      const row = {
        n: part.length,
        missing: wanted.size - part.length,
        interventions: Object.fromEntries(interventions),
        comparisons: compareAll(part, names, options),
      };
      return [slice, row];
    }),
  );
}

/** The slices of an audit, by its interventions, margin and level. */
export const slicesOfSummary = (
  outcomes: readonly ExampleOutcomes[],
  slices: readonly NamedSlice[],
  { interventions, comparisons, level = 0.05 }: Pick<AuditResult, "interventions" | "comparisons" | "level">,
): NamedSlices =>
  namedSlices(outcomes, Object.keys(interventions), slices, {
    margin: comparisons[0]?.margin ?? 0.02,
    alpha: level,
  });
