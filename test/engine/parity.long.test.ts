/** Audits of pocket checkpoints by PyTorch and by ONNX, from the command line: the same outcomes, row by row. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { start } from "../cli/run.ts";
import { auditOf, done, EXAMPLES, elsewhere, pockets, python, writePocket } from "./pocket.fixture.ts";

/** How far numbers may be apart, relative to their size above 1: rounding. */
const TOLERANCE = 1e-3;
/** Where steps along a gradient, which is nearly zero under a sure answer, have made a vector: its place, not the outcome. */
const ALONG_GRADIENT = { place: /(adversarial|optimized)[^/]*\/dose\//, tolerance: 2e-2 };

/** Analyses that read or exchange states of single layers, or cut what can be attended to. */
const READS_LAYERS = [
  ["mediation", "layerPatching"],
  ["prism", "logitLens"],
  ["knockout", "regionBlocking"],
] as const;

/** Signs of gradients by pixels, which rounding turns where one is nearly zero: what they make is compared more loosely. */
const BY_SIGNS = /\/adversarialImages\/(adversarial|difference)\//;

interface Row {
  example: string;
  outcomes: Record<string, Record<string, unknown> | null>;
}

/** Every place at which two values differ. */
function differences(a: unknown, b: unknown, path = ""): string[] {
  if (typeof a === "number" && typeof b === "number" && !(Number.isInteger(a) && Number.isInteger(b))) {
    const tolerance = ALONG_GRADIENT.place.test(path) ? ALONG_GRADIENT.tolerance : TOLERANCE;
    return Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a)) ? [] : [`${path}: ${a} and ${b}`];
  }
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object")
    return a === b ? [] : [`${path}: ${JSON.stringify(a)} and ${JSON.stringify(b)}`];
  const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return [...new Set([...Object.keys(x), ...Object.keys(y)])].flatMap((key) =>
    differences(x[key], y[key], `${path}/${key}`),
  );
}

/** Outcomes of an audit; the checksum of a line is that of all its digits. */
const rowsOf = (out: string): Row[] =>
  readFileSync(join(out, "outcomes.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => ({ ...JSON.parse(line), check: null }));

/** What images against the answer did, by an audit with the suite `mediation`. */
const adversarialOf = (result: Record<string, unknown>) =>
  (result.suites as { mediation: { results: { adversarialImages: Adversarial } } }).mediation.results
    .adversarialImages;
type Adversarial = { n: number } & Record<"adversarial" | "random", { fall: { value: number } }>;

let scratch: string;
let interventions: string;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-parity-"));
  const { out } = await done(start(["interventions", "--json"]));
  const listed = (JSON.parse(out) as { interventions: { name: string }[] }).interventions;
  const names = listed.map(({ name }) => name);
  interventions = [...names, "helper-in-prompt(own)", "knockout(image)", "own@unseen", "own@dropped"].join(
    ",",
  );
});
afterAll(() => rmSync(scratch, { recursive: true }));

describe.skipIf(!python)("PyTorch (LINTEL_ENGINE) and ONNX in this process", () => {
  it.each(Object.entries(pockets))(
    "have the same outcomes: %s",
    async (name, settings) => {
      const directory = join(scratch, name);
      const pocket = await writePocket(directory, settings);
      const [here, there] = [join(directory, "here"), join(directory, "there")];
      // With four latents every suite as well, whose measurements read hidden states, attention and gradients.
      const what = [
        ...["--interventions", interventions],
        ...(name === "tetris, K = 4" ? ["--suites", "reviewer"] : []),
      ];
      await Promise.all([
        done(start(auditOf(pocket, here, ...what))),
        done(start(auditOf(pocket, there, ...what, ...elsewhere()))),
      ]);
      const [ours, theirs] = [rowsOf(here), rowsOf(there)];
      expect(ours).toHaveLength(EXAMPLES);
      const compared = ours.flatMap(({ outcomes }) => Object.values(outcomes).filter(Boolean));
      console.log(
        `${name}: ${compared.length} outcomes of ${Object.keys(ours[0]!.outcomes).length} interventions`,
      );
      expect(Object.keys(ours[0]!.outcomes).length).toBeGreaterThan(40);
      // What is compared is what the name says, or nothing is shown by it.
      const own = ours.map(({ outcomes }) => outcomes.own!);
      expect(own.some(({ blocks }) => blocks === (name.endsWith("two blocks") ? 2 : 1))).toBe(true);
      expect(new Set(compared.map((outcome) => outcome!.text)).size).toBeGreaterThan(3);
      expect(differences(ours, theirs)).toEqual([]);
      for (const [i, { example }] of theirs.entries()) expect(example).toBe(ours[i]!.example);
      const result = (out: string): Record<string, unknown> =>
        JSON.parse(readFileSync(join(out, "audit.json"), "utf8"));
      expect(result(there).verdict).toEqual(result(here).verdict);
      const differing = differences(result(here).suites, result(there).suites);
      expect(differing.filter((each) => !BY_SIGNS.test(each))).toEqual([]);
      if (name === "tetris, K = 4") {
        const [mine, other] = [here, there].map((out) => adversarialOf(result(out)));
        expect(mine!.n).toBeGreaterThan(EXAMPLES / 2);
        expect(mine!.adversarial.fall.value).toBeGreaterThan(mine!.random.fall.value);
        const falls = [mine!, other!].map(({ adversarial }) => adversarial.fall.value);
        expect(Math.abs(falls[0]! - falls[1]!) / falls[0]!).toBeLessThan(0.05);
      }
      // What reads single layers or cuts attention has found something by both, or its equality shows nothing.
      if (name === "tetris, K = 4")
        for (const [suite, analysis] of READS_LAYERS) {
          const { results } = (
            result(there).suites as Record<string, { results: Record<string, { n: number }> }>
          )[suite]!;
          expect([analysis, results[analysis]!.n > 0]).toEqual([analysis, true]);
        }
    },
    900_000,
  );
});
