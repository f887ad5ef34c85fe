/** The lines that `npm run bench:audit` prints, from what its processes measured. */
import { type Failed, failed } from "../processes.ts";
import { BAR, type CaseName, cases, interventions, SLOTS, TEXT } from "./cases.ts";

export interface Timed {
  /** Seconds on the clock, and seconds that the cores worked. */
  spent: number;
  cpu: number;
  prefills: number;
  steps: number;
}

/** What `ours.ts` measured of a case. */
export interface AuditRun {
  own: Timed;
  all: Timed;
  examples: number;
  prompt: number;
  parameters: number;
  threads: number;
}

/** What `peer.py` measured. */
export interface Peer {
  spent: number;
  examples: number;
  torch: string;
  transformers: string;
}

type Versions = Readonly<Record<string, string | null>>;

const rounded = (x: number): number => Number(x.toPrecision(4));

const what = (name: CaseName, { examples, prompt }: AuditRun): string =>
  `${cases[name].title}: ${examples} examples, prompts of ${prompt} tokens, ${SLOTS} slots, at least ${TEXT} text tokens behind them`;

/**
 * What 12 interventions cost beside `own` alone. `cost` is the quotient; `ratio` is the bar divided by it, so above 1
 * the bar is kept. `cpu`: the same quotient of the time that the cores worked, which other work on the machine moves less.
 */
export function costLine(name: CaseName, run: AuditRun, versions: Versions) {
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
    cpu: {
      ours: rounded(all.cpu / examples),
      theirs: rounded(own.cpu / examples),
      cost: rounded(all.cpu / own.cpu),
    },
    passes: { prefills: all.prefills, steps: all.steps },
    parameters,
    threads,
    versions,
  };
}

/** Against separate runs, as papers do them: each intervention generates anew from its prompt. Above 1: we are faster. */
export function separateLine(name: CaseName, run: AuditRun, peer: Peer | Failed, versions: Versions) {
  const { all, examples } = run;
  const theirs = failed(peer) ? null : (interventions.length * peer.spent) / peer.examples;
  return {
    bench: "audit",
    case: `${interventions.length} interventions; ${what(name, run)}`,
    peer: "transformers generate, float32 eager, one run of the same prompts for each intervention",
    ours: rounded(all.spent / examples),
    theirs: theirs && rounded(theirs),
    unit: "s/example",
    ratio: theirs && rounded((theirs * examples) / all.spent),
    versions: failed(peer)
      ? { ...versions, torch: null, transformers: null }
      : { ...versions, torch: peer.torch, transformers: peer.transformers },
    ...(failed(peer) && { failed: [peer.error] }),
  };
}
