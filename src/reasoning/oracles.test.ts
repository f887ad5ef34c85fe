import { afterAll, describe, expect, it } from "vitest";
import { families } from "../families/index.ts";
import { encodePng } from "../formats/index.ts";
import type { Example } from "../tasks/index.ts";
import { random } from "../util/index.ts";
import { oracleKind, oraclesOf, randomRegionFeatures } from "./oracles.ts";
import { randomModel } from "./reasoning.fixture.ts";

const D = 32;
const lantern = randomModel(2);
const lvr = { ...lantern, family: families.lvr };
afterAll(() => lantern.network.release());

/** 4 × 2 cells of 12 × 12 pixels, each of a shade of its own. */
const shades = Uint8Array.from({ length: 48 * 24 * 3 }, (_, i) => {
  const [x, y] = [Math.floor(i / 3) % 48, Math.floor(i / 3 / 48)];
  return 20 + 30 * (Math.floor(x / 12) + 4 * Math.floor(y / 12));
});
const image = encodePng({ width: 48, height: 24, pixels: shades });
const helper = encodePng({ width: 24, height: 12, pixels: new Uint8Array(24 * 12 * 3).fill(99) });
const example: Example = {
  id: "1",
  question: "<image> left",
  images: [image],
  options: ["a", "b"],
  answer: 0,
  helpers: [helper],
  counterfactuals: [null, null],
  attributes: {},
};
const boxed: Example = { ...example, regions: [{ image: 0, box: [13, 1, 35, 11] }] };

const rowsOf = async (of: Uint8Array): Promise<Float32Array> => (await lvr.features.get([of]))[0]!.rows;

describe("oracles where a box lies", () => {
  it("are the input image's own features of the cells that it touches, for LVR alone", async () => {
    const rows = await rowsOf(image);
    expect(rows.length).toBe(8 * D);
    const [mine] = await oraclesOf(lvr, boxed);
    expect(mine).toEqual(rows.slice(D, 3 * D));
    expect([oracleKind(lvr, boxed), oracleKind(lantern, boxed)]).toEqual(["box", "helper"]);
    const [theirs] = await oraclesOf(lantern, boxed);
    expect(theirs).toEqual((await oraclesOf(lantern, example))[0]);
    // Another number of latents is made of the same rows.
    const [one] = await oraclesOf(lvr, boxed, 1);
    expect(one![0]).toBeCloseTo((rows[D]! + rows[2 * D]!) / 2, 5);
  });

  it("are the helper's features where no box is told, and none without a helper", async () => {
    const rows = await rowsOf(helper);
    expect(await oraclesOf(lvr, example)).toEqual([rows]);
    expect(oracleKind(lvr, example)).toBe("helper");
    const none = { ...example, helpers: [] };
    expect([oracleKind(lvr, none), await oraclesOf(lvr, none)]).toEqual(["none", []]);
  });

  it("stay those of the image as it was where the prompt shows the box black", async () => {
    const black = encodePng({ width: 48, height: 24, pixels: new Uint8Array(48 * 24 * 3) });
    const covered = { ...boxed, images: [black], regions: [{ ...boxed.regions![0]!, uncovered: image }] };
    expect(await oraclesOf(lvr, covered)).toEqual(await oraclesOf(lvr, boxed));
  });

  it("of a random region are rows of the image too", async () => {
    const rows = await rowsOf(image);
    const found = await randomRegionFeatures(lvr, boxed, random(0, "region"));
    const starts = Array.from({ length: 8 }, (_, i) => rows[i * D]!);
    for (let i = 0; i < found.length; i += D) expect(starts).toContain(found[i]);
    // Without a box it is what the tower makes of the region alone.
    const cut = await randomRegionFeatures(lantern, boxed, random(0, "region"));
    expect(starts).not.toContain(cut[0]);
  });
});
