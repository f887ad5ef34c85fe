/** Replies with their truth by hand (test/goldens/replies/README.md). */
import { readFileSync } from "node:fs";

const read = (name: string): string =>
  readFileSync(new URL(`../../../test/goldens/replies/${name}`, import.meta.url), "utf8");

interface OptionSet {
  options: string[];
  texts?: string[];
}
export const optionSets: Readonly<Record<string, OptionSet>> = JSON.parse(read("options.json"));

/** One reply: which options it was given, and the option that it names in the end (null: none, or several). */
interface Reply {
  kind: string;
  options: string;
  truth: string | null;
  reply: string;
}

/** Parts of the corpus: `corpus` readers were written for, the others were written before any reader had seen them. */
export const parts = ["corpus", "fresh", "fresh-2", "fresh-3"] as const;
/** Replies for the careful reader alone, of which `exact.json` has nothing: denials, suppositions, languages, sums. */
export const carefulParts = [...parts, "breakers"] as const;
export const repliesOf = (part: string): Reply[] =>
  read(`${part}.jsonl`)
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

/** What the families' own functions said of the replies (python/lintel_reference/goldens: replies.py, more_replies.py, ivt_lr_replies.py). */
interface ExactGolden {
  /** Random replies, as options and text, that are read behind the corpus. */
  drawn: [options: string, reply: string][];
  readers: Record<string, { options: string[]; said: (string | null)[] }>;
}
const golden: ExactGolden = JSON.parse(read("exact.json"));
export const exactGolden: ExactGolden = {
  ...golden,
  readers: {
    ...golden.readers,
    ...JSON.parse(read("exact-more.json")).readers,
    ...JSON.parse(read("ivt-lr.json")).readers,
  },
};
