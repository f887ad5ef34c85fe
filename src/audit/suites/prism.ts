import { binomialTest, count, pEquals, share } from "../../statistics/index.ts";
import { type Evidence, every, firstOf, type Shown } from "./evidence.ts";
import { suite } from "./suite.ts";

/** Corruptions that take the content away; weak noise does not. */
const corruptions = ["zeros", "truncate(0)", "donor"] as const;

/**
 * Is a linear probe at the slots better than always naming the most frequent answer? Of examples that share images each
 * group counts as one answer, as many as equal groups would weigh as much: the most that errors within a group can agree.
 */
function decodable({ result }: Pick<Evidence, "result">): Shown {
  const probes = result("probes");
  const found = probes && "answer" in probes ? probes.answer.slots : undefined;
  if (!found || found.accuracy === null)
    return { state: "not run", text: `no probe at the slots: ${found?.reason ?? "nothing was read again"}` };
  const n = Math.floor(found.effective ?? found.n);
  const hits =
    found.effective === undefined ? Math.round(found.accuracy * n) : Math.floor(found.accuracy * n);
  const { p } = binomialTest(hits, n, found.majority, "greater");
  return {
    state: p < 0.05 ? "holds" : "undecided",
    text: `probe at the slots ${share(found.accuracy)}, most frequent answer ${share(found.majority)}, exact binomial ${pEquals(p)}, n = ${count(found.n)}${found.groups === undefined ? "" : `, counted as ${count(n)} for ${count(found.groups)} groups of shared images`}`,
  };
}

export const prism = suite({
  title: "is the answer in the latents, and does the model read it there?",
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
