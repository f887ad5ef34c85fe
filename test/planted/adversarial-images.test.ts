/** Images against the answer, on models whose weights say what they read: does the answer change by way of the latents, or past them? */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { auditLoaded } from "../../src/audit/index.ts";
import { encodePng } from "../../src/formats/index.ts";
import { loadLatentModel } from "../../src/reasoning/index.ts";
import { type KnownModel, knownExamples, knownModels, saveKnownModel } from "../../src/selftest/index.ts";

const N = 12;
const COLORS = [
  [1, -1, -1],
  [-1, 1, -1],
  [-1, -1, 1],
  [1, 1, 1],
];
const named = (name: string): KnownModel => knownModels.find((known) => known.name === name)!;

/** A picture whose color is two levels from gray: 4 levels are enough to make it another, if they are the right ones. */
function faint(color: number, number: number): Uint8Array {
  const pixels = Uint8Array.from({ length: 12 * 12 * 3 }, (_, i) =>
    i < 6 ? 128 + ((number >> (i < 3 ? 0 : 3)) % 8) : 128 + 2 * COLORS[color]![i % 3]!,
  );
  return encodePng({ width: 12, height: 12, pixels });
}

// biome-ignore lint/suspicious/noExplicitAny: analyses report what they like.
async function attacked(known: KnownModel): Promise<any> {
  const directory = await mkdtemp(join(tmpdir(), "lintel-adversarial-"));
  await saveKnownModel(directory, known);
  const model = await loadLatentModel(directory, { threads: 1 });
  const examples = knownExamples(N, 1, 0).map((example, i) => ({
    ...example,
    images: [faint(example.answer, i)],
  }));
  const found = await auditLoaded(model, { examples }, { interventions: { suites: ["mediation"] } });
  await model.network.release();
  await rm(directory, { recursive: true });
  const results = found.suites!.mediation!.results.adversarialImages;
  expect(results).toMatchObject({ n: N, left: {}, levels: 4, steps: 5 });
  return results;
}

it("of a model that reads only the latents, the answer changes by way of the latents alone", async () => {
  const { adversarial, random, difference } = await attacked(named("reads-latents"));
  expect([adversarial.largest, random.largest, random.rootMeanSquare]).toEqual([4, 4, 4]);
  expect(adversarial.changed.value).toBe(1);
  expect(adversarial.changedWithOwn.value).toBe(0);
  expect(adversarial.changedByLatents.value).toBe(1);
  expect(adversarial.fall.interval[0]).toBeGreaterThan(1);
  expect(Math.abs(adversarial.fallWithOwn.value)).toBeLessThan(1e-3);
  expect(adversarial.distance.value).toBeGreaterThan(0.5);
  for (const { value } of adversarial.slots) expect(value).toBeLessThan(0.99);
  // Random signs of the same size are another picture of the same color.
  expect([random.changed.value, random.accuracy.value]).toEqual([0, 1]);
  expect(random.distance.value).toBeLessThan(0.3);
  expect(difference.distance.interval[0]).toBeGreaterThan(0.3);
  expect(difference.changed.value).toBe(1);
  expect(difference.changed.p).toBeCloseTo(2 ** (1 - N), 12);
}, 120_000);

it("of a model that reads only the picture, past the latents, though these move, too", async () => {
  const { adversarial, random, difference } = await attacked(named("sees-no-latents"));
  expect(adversarial.changed.value).toBe(1);
  expect(adversarial.changedWithOwn.value).toBe(1);
  expect(adversarial.changedByLatents.value).toBe(0);
  expect(adversarial.fallWithOwn.value).toBeCloseTo(adversarial.fall.value, 3);
  expect(adversarial.distance.value).toBeGreaterThan(0.5);
  expect(random.changed.value).toBe(0);
  expect(difference.fall.interval[0]).toBeGreaterThan(1);
}, 120_000);

it("of a model that reads the picture and has the same latents always: answers, not latents", async () => {
  const [fromPrompt] = named("sees-no-latents").layers[1];
  const [, idle] = named("collapsed").layers[1];
  const known: KnownModel = { ...named("sees-no-latents"), layers: [[], [fromPrompt!, idle!]] };
  const { adversarial, random, difference } = await attacked(known);
  expect(adversarial.changed.value).toBe(1);
  expect(adversarial.changedByLatents.value).toBe(0);
  expect(adversarial.slots.map(({ value }: { value: number }) => value)).toEqual([1, 1]);
  expect(adversarial.distance).toMatchObject({
    value: null,
    reason: expect.stringContaining("own latents that differ"),
  });
  expect(random.changed.value).toBe(0);
  expect(difference.changed.p).toBeCloseTo(2 ** (1 - N), 12);
}, 120_000);

it("of a model that reads nothing, no pixel has a gradient: the images stay", async () => {
  const { adversarial, random, difference } = await attacked(named("deaf"));
  expect([adversarial.largest, adversarial.rootMeanSquare, random.largest]).toEqual([0, 0, 4]);
  for (const kind of [adversarial, random]) expect([kind.changed.value, kind.fall.value]).toEqual([0, 0]);
  expect(difference.changed).toEqual({ value: 0, p: 1 });
}, 120_000);
