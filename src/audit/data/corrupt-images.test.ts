import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { decodeImage, encodePng } from "../../formats/index.ts";
import { readAuditData } from "./read-data.ts";

const white = encodePng({ width: 20, height: 10, pixels: new Uint8Array(600).fill(255) });

test("regions are black, all else and the helper stay; examples without one are counted", async () => {
  const root = mkdtempSync(join(tmpdir(), "lintel-corrupt-"));
  try {
    writeFileSync(join(root, "a.png"), white);
    const record = (bbox: number[]) => ({
      question: "What?",
      options: ["A. hat", "B. cat"],
      answer: "B",
      img_path: "a.png",
      bbox,
    });
    const records = [record([5, 2, 15, 7]), record([])];
    writeFileSync(join(root, "test.jsonl"), records.map((each) => JSON.stringify(each)).join("\n"));
    const given = { directory: root, map: "viscot-mc" };
    const plain = await readAuditData(given, 0);
    const black = await readAuditData({ ...given, corruptImage: true }, 0);
    expect(plain.benchmark!.corrupted).toBeUndefined();
    expect(black.benchmark).toMatchObject({ mapping: "viscot-mc", corrupted: true });
    expect([plain.examples.length, black.examples.length]).toEqual([2, 1]);
    expect(black.skipped).toEqual([{ example: plain.examples[1]!.id, reason: "no region to paint black" }]);
    const { width, pixels } = await decodeImage(black.examples[0]!.images[0]!);
    for (let y = 0; y < 10; y++)
      for (let x = 0; x < width; x++) {
        const inside = x >= 5 && x < 15 && y >= 2 && y < 7;
        expect(pixels[(y * width + x) * 3], `${x}, ${y}`).toBe(inside ? 0 : 255);
      }
    expect(black.examples[0]!.helpers).toEqual(plain.examples[0]!.helpers);
    writeFileSync(join(root, "test.jsonl"), JSON.stringify(records[1]));
    await expect(readAuditData({ ...given, corruptImage: true }, 0)).rejects.toThrow(/cut out of the input/);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test("datasets of Lintel's own are sent to crop-masked", async () => {
  await expect(readAuditData({ directory: "nowhere", corruptImage: true }, 0)).rejects.toThrow(/crop-masked/);
});
