/** Readers on the corpus of replies: exact ones against the families' own functions, the careful one against the truth. */
import { describe, expect, it } from "vitest";
import { lastBoxed } from "./boxed.ts";
import { carefulChoice } from "./careful/index.ts";
import { afterHash } from "./coconut.ts";
import { finalAnswer } from "./ilvr.ts";
import { lastOfAnswers } from "./ivt-lr.ts";
import { extractedLetter, lastTagged, lastTaggedLetter, tetrisAnswer } from "./lantern.ts";
import { lastLetter } from "./laser.ts";
import { lettersAToH } from "./lavit.ts";
import { countOrLetter } from "./livr.ts";
import { firstLetter } from "./lvr.ts";
import { firstTagOrLetter } from "./realvr.ts";
import { carefulParts, exactGolden, optionSets, parts, repliesOf } from "./replies.fixture.ts";
import { same, withoutSpecial } from "./shared.ts";
import type { ReadAnswer } from "./types.ts";
import { boxedOrTagged, canInfer, firstTagged, firstTaggedPlain, yesOrNo } from "./vlmevalkit.ts";
import { lastNamedLetter } from "./wm-vlm.ts";

const replies = parts.flatMap(repliesOf);
const all = [
  ...replies.map(({ options, reply }) => ({ name: options, reply })),
  ...exactGolden.drawn.map(([name, reply]) => ({ name, reply })),
];
const options = (name: string) => optionSets[name]!.options;
const named = (name: string, index: number | null | undefined): string | null =>
  typeof index === "number" ? options(name)[index]! : null;
const reads =
  (reader: ReadAnswer) =>
  (reply: string, name: string): string | null =>
    named(name, reader(reply, options(name), optionSets[name]!.texts));
/** How each golden is read here. Judged readers go on with the careful one where their kit infers nothing. */
const exact: Record<
  string,
  { ours: (reply: string, name: string) => string | null; judged?: true; case?: "any" }
> = {
  lantern: { ours: reads(lastTagged) },
  "lantern-letter": { ours: reads(lastTaggedLetter) },
  "lantern-tetris": { ours: reads(tetrisAnswer), case: "any" },
  lvr: { ours: reads(firstLetter) },
  ilvr: { ours: reads(finalAnswer) },
  covt: { ours: reads(firstTaggedPlain), judged: true },
  swimbird: { ours: reads(firstTagged), judged: true },
  vlmevalkit: { ours: reads(boxedOrTagged), judged: true },
  "covt-yes-no": { ours: reads(firstTaggedPlain), judged: true },
  "swimbird-yes-no": { ours: reads(firstTagged), judged: true },
  "vlmevalkit-yes-no": { ours: reads(boxedOrTagged), judged: true },
  livr: { ours: reads(countOrLetter) },
  "livr-count": { ours: reads(countOrLetter) },
  coconut: { ours: reads(afterHash) },
  "wm-vlm": { ours: reads(lastNamedLetter), case: "any" },
  laser: { ours: reads(lastLetter) },
  realvr: { ours: reads(firstTagOrLetter) },
  lavit: { ours: reads(lettersAToH), case: "any" },
  "ivt-lr": { ours: reads(lastOfAnswers) },
};

describe("exact readers say what the families' own functions say", () => {
  it.each(Object.keys(exact))("%s", (reader) => {
    const { ours, judged, case: anyCase } = exact[reader]!;
    const { options: sets, said } = exactGolden.readers[reader]!;
    const asked = all.filter(({ name }) => sets.includes(name));
    expect(asked.length).toBe(said.length);
    expect(said.length).toBeGreaterThan(30);
    const other = asked.flatMap(({ name, reply }, i) => {
      const theirs = said[i] === "Unknown" ? null : said[i]!;
      // Lintel's own format, which the reproduction and Coconut never write.
      if (["livr", "livr-count", "coconut"].includes(reader) && reply.includes("<answer>")) return [];
      if (judged && theirs === null) return [];
      // LanteRn compares "b" with "B" and says no; a small letter that is the whole answer counts here.
      if (
        ["lantern", "lantern-letter"].includes(reader) &&
        /(?:^|<answer>)\s*\(?[a-z][).]?\s*(?:$|<\/answer)/.test(reply)
      )
        return ours(reply, name) === theirs?.toUpperCase() ||
          !options(name).includes(theirs?.toUpperCase() ?? "")
          ? []
          : [{ name, reply }];
      const golden = options(name).find(
        (option) => option === theirs || (anyCase && theirs !== null && same(option, theirs)),
      );
      const mine = ours(reply, name);
      return mine === (golden ?? null) ? [] : [{ name, reply, theirs, mine }];
    });
    expect(other).toEqual([]);
  });

  it("the letters themselves, options or not, and where the judge would be asked", () => {
    const { lantern, vlmevalkit, boxed, "vlmevalkit-yes-no": words } = exactGolden.readers;
    const of = ({ options: sets }: { options: string[] }) => all.filter(({ name }) => sets.includes(name));
    expect(of(lantern!).map(({ name, reply }) => extractedLetter(reply, optionSets[name]!.texts))).toEqual(
      lantern!.said,
    );
    const inferred = of(vlmevalkit!).map(({ name, reply }) => {
      const { options: letters, texts } = optionSets[name]!;
      const found = canInfer(withoutSpecial(reply), letters, texts!, { sentences: true });
      return found === null ? "Z" : (named(name, found) ?? null);
    });
    expect(inferred).toEqual(
      vlmevalkit!.said.map((said, i) => (said === "Z" && of(vlmevalkit!)[i]!.name !== "many" ? "Z" : said)),
    );
    expect(of(boxed!).map(({ reply }) => lastBoxed(reply) ?? "None")).toEqual(boxed!.said);
    expect(of(words!).map(({ reply }) => yesOrNo(withoutSpecial(reply)) ?? "unknown")).toEqual(
      words!.said.map((said) => said!.toLowerCase()),
    );
  });
});

describe("the careful reader", () => {
  it.each(carefulParts)("names no wrong option of %s, and few too few", (part) => {
    const rows = repliesOf(part).map((row) => {
      const { options: each, texts } = optionSets[row.options]!;
      const choice = carefulChoice(row.reply, each, texts);
      return { ...row, said: choice === null ? null : each[choice]! };
    });
    expect(rows.filter(({ said, truth }) => said !== null && said !== truth)).toEqual([]);
    const named = rows.filter(({ truth }) => truth !== null);
    const missing = named.filter(({ said }) => said === null);
    expect(missing.length / named.length).toBeLessThanOrEqual(part === "breakers" ? 0.12 : 0.02);
  });

  it("has a corpus of every kind", () => {
    expect(replies.length).toBeGreaterThanOrEqual(1500);
    expect(new Set(replies.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(20);
    expect(replies.filter(({ truth }) => truth === null).length).toBeGreaterThan(250);
    // Nobody gets such a corpus right by always naming one option.
    for (const letter of "ABCD")
      expect(replies.filter(({ truth }) => truth === letter).length).toBeLessThan(0.45 * replies.length);
  });

  it("says the same of special tokens, spaces and line ends around a reply", () => {
    for (const { reply, options: name } of replies.filter((_, i) => i % 7 === 0)) {
      const { options: each, texts } = optionSets[name]!;
      const choice = carefulChoice(reply, each, texts);
      for (const padded of [`${reply}<|im_end|>`, `  ${reply}\n`, `<|im_start|>${reply}<|endoftext|>`])
        expect([padded, carefulChoice(padded, each, texts)]).toEqual([padded, choice]);
    }
  });
});
