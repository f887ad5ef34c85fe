/** What all suites together say the answer rests on. */
import { type Evidence, every, firstOf, known, type Shown } from "./evidence.ts";
import type { Conclusion } from "./suite.ts";

export const diagnoses = {
  content: "the content of the latents, and not the image beside them",
  "content and image": "the content of the latents, and the image besides",
  "content of one slot": "the content of one slot alone",
  "private content": "the content of own latents, in a form in which the oracle says less",
  starved: "the content of latents, which own ones do not have",
  norm: "the size of the latents, whatever they hold",
  markers: "the presence of the block's markers, with any contents between them",
  bypassed: "nothing of the block",
} as const;

type Part = "trt" | "markers" | "knockout" | "gradient";

/** The names of parts without which the answer changes, out of a conclusion of `knockout`; null if it has none. */
const partsOf = (found: Conclusion): string[] | null =>
  found.conclusion === "inconclusive" ? null : found.conclusion.split(" and ");

/** The suites' conclusions put together; `inconclusive` unless all that are needed say something. */
export function diagnose(
  { verdict, verdictReason, beats, alike, ran }: Evidence,
  concluded: (name: Part) => Conclusion | null,
): Conclusion<keyof typeof diagnoses> {
  const of = (name: Part): Conclusion => concluded(name) ?? { conclusion: "inconclusive", reason: "not run" };
  const [markers, knockout, gradient] = [of("markers"), of("knockout"), of("gradient")];
  const parts = partsOf(knockout);
  const reads = known(verdict === "load-bearing", verdictReason);
  const only = known(parts !== null && !parts.includes("image"), knockout.reason);
  const besides = known(parts?.includes("image") ?? false, knockout.reason);
  const single = gradient.conclusion === "one slot";
  const better: Shown = ran("oracle") ? beats("own", "oracle") : { state: "not run", text: "no oracle" };
  const same = every(["other-own", "norm-matched", "first-repeat"].map((name) => alike(name, "own")));
  const bypassed = known(verdict === "bypassed", verdictReason);
  return firstOf([
    ["private content", every([reads, better, only])],
    ["content of one slot", every([reads, only, known(single, gradient.reason)])],
    ["content", every([reads, only])],
    ["content and image", every([reads, besides])],
    ["starved", known(verdict === "starved", verdictReason)],
    ["markers", every([bypassed, known(markers.conclusion === "markers", markers.reason)])],
    ["bypassed", every([bypassed, known(markers.conclusion === "neither", markers.reason)])],
    ["norm", every([beats("own", "zeros"), same])],
  ]);
}
