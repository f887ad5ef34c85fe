/** All suites. A new suite is a file and one line here; "full" combines all of them. */
import { unknownName } from "../../util/index.ts";
import { diagnose, diagnoses } from "./diagnosis.ts";
import { dose } from "./dose.ts";
import { gradient } from "./gradient.ts";
import { knockout } from "./knockout.ts";
import { markers } from "./markers.ts";
import { mediation } from "./mediation.ts";
import { oracleFormat } from "./oracle-format.ts";
import { paths } from "./paths.ts";
import { prism } from "./prism.ts";
import type { Suite } from "./suite.ts";
import { trt } from "./trt.ts";
import { viveiros } from "./viveiros.ts";

const papers = {
  viveiros,
  trt,
  markers,
  prism,
  mediation,
  knockout,
  dose,
  gradient,
  paths,
  "oracle-format": oracleFormat,
} as const satisfies Record<string, Suite>;

const all: readonly Suite[] = Object.values<Suite>(papers);

export const suites = {
  ...papers,
  full: {
    title: "all suites above, and controls that change the prompt or the image",
    source: "all of the above",
    interventions: [
      ...new Set([
        ...all.flatMap((suite) => suite.interventions),
        "clamp",
        "norm-matched",
        "mean-oracle",
        "filler",
        "reshuffled",
        "image-twice",
        "caption-only",
      ]),
    ],
    analyses: [...new Set(all.flatMap((suite) => suite.analyses))],
    conclusions: diagnoses,
    conclude: (evidence) =>
      diagnose(evidence, (name) => (Object.hasOwn(papers, name) ? papers[name].conclude(evidence) : null)),
  },
} as const satisfies Record<string, Suite>;

export type SuiteName = keyof typeof suites;

export const suiteNames = Object.keys(suites) as SuiteName[];

/**
 * The suite of a name; throws `LintelError` "usage" with the nearest names.
 *
 * @example
 * suiteOf("trt").interventions.includes("first-repeat"); // true
 */
export function suiteOf(name: string): Suite {
  if (Object.hasOwn(suites, name)) return suites[name as SuiteName];
  throw unknownName("suite", name, suiteNames);
}
