/** Which option latents look like, and donors by question: on models whose weights say what they hold and read. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { auditLoaded } from "../../src/audit/index.ts";
import { loadLatentModel, splitStatistics } from "../../src/reasoning/index.ts";
import { knownExamples, knownModels, saveKnownModel } from "../../src/selftest/index.ts";

const names = [
  "own",
  "oracle",
  "other-own",
  "counterfactual",
  "same-question",
  "matched-question",
  "question-mean",
  "sham",
];

async function audited(name: string, clear: number) {
  const directory = await mkdtemp(join(tmpdir(), "lintel-look-"));
  await saveKnownModel(directory, knownModels.find((known) => known.name === name)!);
  const model = await loadLatentModel(directory, { threads: 1 });
  const examples = knownExamples(32, clear, 0);
  const found = await auditLoaded(model, { examples }, { interventions: names });
  await model.network.release();
  await rm(directory, { recursive: true });
  return found;
}

it("tells a wrong latent that is read from a right one that is not", async () => {
  const starved = (await audited("starved", 0)).lookAlike!;
  // Own latents show whatever the picture shows, and the answer is that.
  expect(starved.own).toMatchObject({ n: 32, rightNot: 0, wrongNot: 0 });
  expect(starved.own!.wrongFollowed).toBeGreaterThan(16);
  expect(starved.oracle).toMatchObject({ rightFollowed: 32, rightNot: 0, wrongFollowed: 0, wrongNot: 0 });
  const deaf = (await audited("deaf", 1)).lookAlike!;
  // The oracle shows the right option; the answer is always the first.
  expect(deaf.oracle).toMatchObject({ rightFollowed: 8, rightNot: 24 });
}, 240_000);

it("donors that ask the same are followed by who reads latents, and the mean of a question says nothing", async () => {
  const reads = await audited("reads-latents", 1);
  expect(reads.interventions["same-question"]).toMatchObject({ following: 1, accuracy: 0 });
  expect(reads.interventions["matched-question"]!.accuracy).toBe(0);
  expect(reads.interventions["question-mean"]!.accuracy).toBeLessThan(0.6);
}, 240_000);

it("donors: pairs of one question with different answers; matched ones ask something else", () => {
  const examples = knownExamples(40, 1, 3);
  const own = examples.map((_, i) => [Float32Array.of(i, 1)]);
  const answers = examples.map(({ options, answer }) => ({
    option: options[answer]!,
    words: options[answer]!,
  }));
  const { same, matched, base } = splitStatistics(own, own, 0, answers, 2, examples).donors();
  for (const [i, j] of same.entries()) {
    if (j === null) continue;
    expect(same[j]).toBe(i);
    expect(examples[j]!.question).toBe(examples[i]!.question);
    expect(answers[j]!.words).not.toBe(answers[i]!.words);
  }
  expect(same.filter((j) => j === null).length).toBeLessThan(8);
  for (const [i, j] of matched.entries()) expect(examples[j!]!.question).not.toBe(examples[i]!.question);
  const asked = examples.flatMap(({ question }, i) => (question === examples[0]!.question ? [i] : []));
  expect(base[0]![0]![0]).toBeCloseTo(asked.reduce((sum, i) => sum + i, 0) / asked.length, 4);
  expect(
    splitStatistics(own, own, 0)
      .donors()
      .same.every((j) => j === null),
  ).toBe(true);
});
