// The lines that `npm run bench:audit` prints, from what its processes measured.
import { BAR, cases, interventions, SLOTS, TEXT } from "./cases.mjs";

const rounded = (x) => Number(x.toPrecision(4));

const what = (name, { examples, prompt }) =>
  `${cases[name].title}: ${examples} examples, prompts of ${prompt} tokens, ${SLOTS} slots, at least ${TEXT} text tokens behind them`;

/**
 * What 12 interventions cost beside `own` alone. `cost` is the quotient; `ratio` is the bar divided by it, so above 1
 * the bar is kept. `cpu`: the same quotient of the time that the cores worked, which other work on the machine moves less.
 */
export function costLine(name, run, versions) {
  const { own, all, examples, threads, parameters } = run;
  const cost = all.spent / own.spent;
  return {
    bench: "audit",
    case: `${interventions.length} interventions; ${what(name, run)}`,
    peer: `own alone, at most ${BAR} times its cost`,
    ours: rounded(all.spent / examples),
    theirs: rounded(own.spent / examples),
    unit: "s/example",
    ratio: rounded(BAR / cost),
    cost: rounded(cost),
    cpu: { ours: rounded(all.cpu / examples), theirs: rounded(own.cpu / examples), cost: rounded(all.cpu / own.cpu) },
    passes: { prefills: all.prefills, steps: all.steps },
    parameters,
    threads,
    versions,
  };
}

/** Against separate runs, as papers do them: each intervention generates anew from its prompt. Above 1: we are faster. */
export function separateLine(name, run, peer, versions) {
  const { all, examples } = run;
  const theirs = peer.error ? null : (interventions.length * peer.spent) / peer.examples;
  return {
    bench: "audit",
    case: `${interventions.length} interventions; ${what(name, run)}`,
    peer: "transformers generate, float32 eager, one run of the same prompts for each intervention",
    ours: rounded(all.spent / examples),
    theirs: theirs && rounded(theirs),
    unit: "s/example",
    ratio: theirs && rounded((theirs * examples) / all.spent),
    versions: { ...versions, torch: peer.torch ?? null, transformers: peer.transformers ?? null },
    ...(peer.error && { failed: [peer.error] }),
  };
}
