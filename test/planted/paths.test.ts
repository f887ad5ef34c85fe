/** Content × path on models whose weights say what the answer rests on: metamorphic tests. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDecodeSession } from "../../src/audit/decode/decode-session.ts";
import { type AuditResult, auditLoaded } from "../../src/audit/index.ts";
import type { PrefixCache } from "../../src/qwen/index.ts";
import {
  interventionOf,
  type LatentModel,
  loadLatentModel,
  promptOf,
  readAgain,
} from "../../src/reasoning/index.ts";
import { knownExamples, knownModels, saveKnownModel } from "../../src/selftest/index.ts";

let directory: string;
const models: Record<string, LatentModel> = {};
const examples = knownExamples(24, 0.9, 0);
const contents = ["own", "zeros", "other-own", "oracle"];
const paths = ["visible", "hidden", "dropped", "unseen", "blank"];
const grid = contents.flatMap((content) => paths.map((path) => `${content}@${path}`));
const found: Record<string, AuditResult> = {};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "lintel-paths-"));
  for (const known of knownModels.slice(0, 2)) {
    await saveKnownModel(join(directory, known.name), known);
    models[known.name] = await loadLatentModel(join(directory, known.name), { threads: 1 });
    const request = { interventions: ["own", "zeros", "oracle", ...grid] };
    found[known.name] = await auditLoaded(models[known.name]!, { examples }, request);
  }
}, 240_000);
afterAll(async () => {
  for (const model of Object.values(models)) await model.network.release();
  await rm(directory, { recursive: true });
});
const accuracy = (model: string, name: string): number => found[model]!.interventions[name]!.accuracy!;

it("a path without anything hidden is the content itself", () => {
  for (const model of Object.keys(models))
    for (const content of ["own", "zeros", "oracle"])
      expect(accuracy(model, `${content}@visible`), `${model} ${content}`).toBe(accuracy(model, content));
});

it("who reads the latents alone answers alike on every path; who sees the image alone, whatever the content", () => {
  const [reads, sees] = ["reads-latents", "sees-no-latents"];
  for (const content of contents)
    for (const path of paths)
      expect(accuracy(reads!, `${content}@${path}`), `${content}@${path}`).toBe(
        accuracy(reads!, `${content}@visible`),
      );
  for (const path of paths) {
    for (const content of contents)
      expect(accuracy(sees!, `${content}@${path}`), `${content}@${path}`).toBe(
        accuracy(sees!, `own@${path}`),
      );
    if (path !== "visible") expect(accuracy(sees!, `own@${path}`)).toBe(0.25);
  }
});

it("a prefix that is read again is the same one, and one that hides its images is not", async () => {
  const session = createDecodeSession(models["reads-latents"]!, examples.slice(0, 4));
  const shared = await session.prefixOf(0);
  const prompts = await Promise.all(examples.slice(0, 4).map((example) => promptOf(session.model, example)));
  const values = (prefix: Awaited<typeof shared>["prefix"]) => (prefix as PrefixCache).v;
  const far = (again: Awaited<ReturnType<typeof readAgain>>): number =>
    Math.max(
      ...values(again.prefix).flatMap((value, layer) => {
        const first = values(shared.prefix)[layer]!.data as Float32Array;
        return [...(value.data as Float32Array)].map((x, i) => Math.abs(x - first[i]!));
      }),
    );
  const again = await readAgain(session.model, prompts, shared);
  expect(far(again)).toBeLessThan(1e-5);
  expect(again.rows[0]!.layout).toEqual(shared.rows[0]!.layout);
  const hidden = await readAgain(session.model, prompts, shared, { hideImages: true });
  expect(hidden.prefix.mask.filter((x) => x < 0).length).toBeGreaterThan(
    shared.prefix.mask.filter((x) => x < 0).length,
  );
  await session.release();
});

it("refuses what is no content, and unknown paths with the nearest", () => {
  expect(() => interventionOf("skip@hidden")).toThrow(/a content of the slots before the @/);
  expect(() => interventionOf("own@hiden")).toThrow(/Did you mean "hidden"/);
  expect(interventionOf("blend(0.5)@dropped").name).toBe("blend(0.5)@dropped");
});
