import { binomialTest, count, pEquals, share } from "../../statistics/index.ts";
import { every, firstOf, type Shown } from "./evidence.ts";
import { suite } from "./suite.ts";

/** Corruptions that take the content away; weak noise does not. */
const corruptions = ["zeros", "truncate(0)", "donor"] as const;

/** A linear probe at the slots, as far as it is judged. */
interface Found {
  accuracy: number;
  majority: number;
  n: number;
  groups?: number;
  effective?: number;
}

/** P-value of "no better than always naming the most frequent answer". */
function probeP({ accuracy, majority, n: all, effective }: Found): { p: number; n: number } {
  const n = Math.floor(effective ?? all);
  const hits = effective === undefined ? Math.round(accuracy * n) : Math.floor(accuracy * n);
  return { p: binomialTest(hits, n, majority, "greater").p, n };
}

/**
 * Is a linear probe at the slots better than always naming the most frequent answer? By the place of the right option, or, where
 * that is something else, by what it says: the better of two p-values counts twice (Bonferroni). Of examples that share images
 * each group counts as one answer, as many as equal groups would weigh as much: the most that errors within a group can agree.
 *
 * @example
 * const slots = { accuracy: 0.5, majority: 0.5, n: 60 };
 * decodable({ result: () => ({ answer: { slots } }) }).state; // "undecided"
 * decodable({ result: () => ({ answer: { slots }, words: { slots: { ...slots, accuracy: 0.9 } } }) }).state; // "holds"
 */
export function decodable({ result }: { result: (name: "probes") => unknown }): Shown {
  const probes = result("probes") as {
    answer?: { slots: Found | { accuracy: null; reason?: string } };
    words?: { slots?: Found | { accuracy: null } };
  } | null;
  const places = probes?.answer?.slots;
  if (!places || places.accuracy === null)
    return {
      state: "not run",
      text: `no probe at the slots: ${(places && "reason" in places && places.reason) || "nothing was read again"}`,
    };
  const said = probes.words?.slots;
  const words = said && said.accuracy !== null ? said : null;
  const both = [places, ...(words ? [words] : [])].map((found) => ({ found, ...probeP(found) }));
  const best = both.reduce((a, b) => (b.p < a.p ? b : a));
  const { found, n } = best;
  const p = Math.min(1, both.length * best.p);
  const by = words ? (found === words ? " (by what the answer says)" : " (by the answer's place)") : "";
  return {
    state: p < 0.05 ? "holds" : "undecided",
    text: `probe at the slots${by} ${share(found.accuracy)}, most frequent answer ${share(found.majority)}, exact binomial ${pEquals(p)}, n = ${count(found.n)}${found.groups === undefined ? "" : `, counted as ${count(n)} for ${count(found.groups)} groups of shared images`}`,
  };
}

export const prism = suite({
  title: "can the answer be decoded from the latents, and does the model use it?",
  source: "Cosine Misleads (PRISM), arXiv 2606.05753",
  interventions: [
    "own",
    "zeros",
    "truncate(0)",
    "truncate(1)",
    "noise-added(0.1)",
    "noise-added(0.3)",
    "noise-added(1)",
    "donor",
  ],
  analyses: ["probes", "clusters", "answerLikelihood", "logitLens", "reliance"],
  conclusions: {
    read: "a linear probe finds the answer in the slots, and accuracy falls under every corruption of them",
    unread: "a linear probe finds the answer in the slots, and every corruption is equivalent to own latents",
  },
  conclude(evidence) {
    const there = decodable(evidence);
    return firstOf([
      ["read", every([there, ...corruptions.map((name) => evidence.beats("own", name))])],
      ["unread", every([there, ...corruptions.map((name) => evidence.alike(name, "own"))])],
    ]);
  },
});
