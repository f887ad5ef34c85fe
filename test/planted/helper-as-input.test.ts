/** The helper as ordinary input: on models whose weights say whether they read it, and in the words of our tasks. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { auditLoaded } from "../../src/audit/index.ts";
import { interventionOf, loadLatentModel } from "../../src/reasoning/index.ts";
import { knownExamples, knownModels, saveKnownModel } from "../../src/selftest/index.ts";
import type { Example } from "../../src/tasks/index.ts";
import { random } from "../../src/util/index.ts";

it("is right wherever the prompt is read, and changes nothing where it is not", async () => {
  const directory = await mkdtemp(join(tmpdir(), "lintel-helper-"));
  const names = ["helper-in-prompt(own)", "helper-in-prompt(none)", "helper-in-words(own)"];
  // The pictures say little, the helpers all.
  const examples = knownExamples(24, 0.2, 0).map((example) => ({
    ...example,
    helperText: example.options[example.answer]!,
  }));
  const of = async (name: string) => {
    await saveKnownModel(join(directory, name), knownModels.find((known) => known.name === name)!);
    const model = await loadLatentModel(join(directory, name), { threads: 1 });
    const found = await auditLoaded(model, { examples }, { interventions: ["own", "no-markers", ...names] });
    await model.network.release();
    return (intervention: string) => found.interventions[intervention]!.accuracy;
  };
  const sees = await of("sees-no-latents");
  expect([sees(names[0]!), sees(names[1]!)]).toEqual([1, 1]);
  // A word is no picture.
  expect(sees(names[2]!)).toBe(sees("own"));
  const reads = await of("reads-latents");
  // Own latents are made of all pictures; without a block nothing is read.
  expect([reads(names[0]!), reads(names[1]!)]).toEqual([1, reads("no-markers")]);
  const deaf = await of("deaf");
  for (const name of names) expect(deaf(name)).toBe(deaf("own"));
  await rm(directory, { recursive: true });
}, 240_000);

it("stands behind the last image, and at the end where there is none, or several", async () => {
  const example = { ...knownExamples(1, 1, 0)[0]!, helperText: "red" };
  const shown = async (name: string, given: Example) => {
    const context = { example: given, index: 0, examples: [], random: random(0) };
    return (await interventionOf(name).input!(context))!;
  };
  const words = await shown("helper-in-words(none)", example);
  expect([words.example.question, words.withoutBlock]).toEqual(["<image> red Which colour is this", true]);
  const image = await shown("helper-in-prompt(own)", example);
  expect([image.example.question, image.example.images.length, image.withoutBlock]).toEqual([
    "<image> <image> Which colour is this",
    2,
    undefined,
  ]);
  const bare = await shown("helper-in-words(own)", { ...example, question: "Which", images: [] });
  expect(bare.example.question).toBe("Which red");
  const several = await shown("helper-in-words(own)", { ...example, question: "<image> a <image> b" });
  expect(several.example.question).toBe("<image> a <image> b red");
  const { helperText: _, ...silent } = example;
  const context = { example: silent, index: 0, examples: [], random: random(0) };
  expect(await interventionOf("helper-in-words(own)").input!(context)).toBeNull();
});
