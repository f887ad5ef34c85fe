/** Region blocking, on models whose weights say what they read, and pictures of which one region says it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { auditLoaded } from "../../src/audit/index.ts";
import { windowsOf } from "../../src/audit/suites/analyses/regions/region-blocking.ts";
import { encodePng } from "../../src/formats/index.ts";
import { loadLatentModel } from "../../src/reasoning/index.ts";
import { knownExamples, knownModels, saveKnownModel } from "../../src/selftest/index.ts";

const COLORS = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 255],
];

/** A gray picture of 3 × 3 patches of which the one in row 1, column 2 has the color of the answer. */
function picture(color: number, number: number): Uint8Array {
  const side = 36;
  const pixels = Uint8Array.from({ length: side * side * 3 }, (_, i) => {
    const [y, x] = [Math.floor(i / 3 / side), Math.floor(i / 3) % side];
    const own = Math.floor(y / 12) === 1 && Math.floor(x / 12) === 2;
    // Two pixels tell pictures apart.
    if (i < 6) return 128 + ((number >> (i < 3 ? 0 : 3)) % 8);
    return own ? COLORS[color]![i % 3]! : 128;
  });
  return encodePng({ width: side, height: side, pixels });
}

// biome-ignore lint/suspicious/noExplicitAny: analyses report what they like.
async function blocking(name: string): Promise<any> {
  const directory = await mkdtemp(join(tmpdir(), "lintel-regions-"));
  await saveKnownModel(directory, knownModels.find((known) => known.name === name)!);
  const model = await loadLatentModel(directory, { threads: 1 });
  const examples = knownExamples(12, 1, 0).map((example, i) => ({
    ...example,
    images: [picture(example.answer, i)],
    // The third column of the second row, in pixels.
    regions: [{ image: 0, box: [24, 12, 36, 24] as [number, number, number, number] }],
  }));
  const found = await auditLoaded(model, { examples }, { interventions: { suites: ["knockout"] } });
  await model.network.release();
  await rm(directory, { recursive: true });
  return found.suites!.knockout!.results.regionBlocking;
}

it("finds the region that a model reads, and that cutting nothing changes nothing", async () => {
  const { n, none, map, target, positive, topQuarter, left } = await blocking("sees-no-latents");
  expect([n, left]).toEqual([12, {}]);
  expect(none).toBeLessThan(1e-4);
  expect(map).toHaveLength(9);
  const drops = map.map(({ drop }: { drop: number }) => drop);
  expect(drops.indexOf(Math.max(...drops))).toBe(5);
  for (const [w, drop] of drops.entries()) if (w !== 5) expect(drop).toBeLessThan(0.2 * drops[5]);
  expect(target.interval[0]).toBeGreaterThan(0.5 * drops[5]);
  expect(positive.value).toBeLessThan(0.5);
  expect(topQuarter.value).toBeGreaterThan(0.8);
}, 120_000);

it("of a model that reads latents, the region moves what the latents are made of, and not the answer that is given them", async () => {
  const { map, largestDrop, flips, state } = await blocking("reads-latents");
  expect(Math.abs(largestDrop.value)).toBeLessThan(1e-3);
  expect(flips.value).toBe(0);
  const states = map.map((window: { state: number }) => window.state);
  expect(states.indexOf(Math.max(...states))).toBe(5);
  expect(state.value).toBeGreaterThan(0.05);
}, 120_000);

it("windows cover every patch of every image once, whatever the sizes", () => {
  for (const grids of [
    [{ rows: 1, columns: 1 }],
    [{ rows: 5, columns: 7 }],
    Array.from({ length: 5 }, () => ({ rows: 3, columns: 2 })),
  ]) {
    const counts = grids.map(({ rows, columns }) => new Array<number>(rows * columns).fill(0));
    for (const { image, row, column, rows, columns } of windowsOf(grids))
      for (let y = row; y < row + rows; y++)
        for (let x = column; x < column + columns; x++) counts[image]![y * grids[image]!.columns + x]!++;
    expect(counts.flat().every((count) => count === 1)).toBe(true);
    expect(windowsOf(grids).length).toBeLessThanOrEqual(16);
  }
});
