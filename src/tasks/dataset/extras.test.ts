/** Columns that only some datasets have: captions and edited versions, good and broken. */
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createParquet, openParquet } from "../../formats/index.ts";
import { tasks } from "../registry.ts";
import type { Example } from "../types.ts";
import { columns, columnsWith, toRow } from "./columns.ts";
import { decodeExample, readSplit } from "./read.ts";
import { writeDataset } from "./write.ts";

const scratch = () => mkdtempSync(join(tmpdir(), "lintel-extras-"));
const meta = { task: "toy", title: "Toy", description: "A toy.", seed: null, parameters: {} };
const [plain, second] = [...tasks.crop.generate("eval", 2, 0, { rendering: "pocket" })] as [Example, Example];
const full: Example = {
  ...plain,
  caption: "four shapes",
  edits: [{ kind: "colour", images: second.images, answer: (plain.answer + 1) % 4 }],
};

async function columnsOf(dir: string, split: string): Promise<string[]> {
  const source = await openParquet(join(dir, "data", `${split}-00000-of-00001.parquet`));
  await source.close();
  return source.columns;
}

describe("extra columns", () => {
  it("are there where the first example carries what they hold, in every split", async () => {
    const dir = scratch();
    await writeDataset(dir, { train: [full, second], eval: [{ ...second, edits: [] }] }, meta);
    for (const split of ["train", "eval"])
      expect((await columnsOf(dir, split)).sort()).toEqual(
        Object.keys(columnsWith(["caption", "edits"])).sort(),
      );
    const [first, other] = (await readSplit(dir, "train")).examples;
    expect(first).toMatchObject({
      caption: "four shapes",
      edits: [{ kind: "colour", answer: full.edits![0]!.answer }],
    });
    expect(Buffer.from(first!.edits![0]!.images[0]!)).toEqual(Buffer.from(second.images[0]!));
    expect([other!.caption, other!.edits]).toEqual([undefined, undefined]);
    expect((await readSplit(dir, "eval")).examples[0]!.edits).toEqual([]);
    expect((await decodeExample(first!)).edits![0]![0]).toMatchObject({ width: 192 });
    expect(await decodeExample(other!)).not.toHaveProperty("edits");
  });

  it("are not there otherwise, and no example is cut down to fit", async () => {
    const dir = scratch();
    await writeDataset(dir, { eval: [plain] }, meta);
    expect((await columnsOf(dir, "eval")).sort()).toEqual(Object.keys(columns).sort());
    const others: [Example, string][] = [
      [{ ...second, caption: "late" }, "caption"],
      [{ ...second, edits: [] }, "edits"],
    ];
    for (const [late, what] of others)
      await expect(writeDataset(scratch(), { train: [plain], eval: [late] }, meta)).rejects.toThrow(
        new RegExp(`example ${second.id}, ${what}: expected examples of which the first has ${what}`),
      );
  });
});

describe("a row with edits that do not fit", () => {
  const good = toRow(full);
  const read = async (changed: Record<string, unknown>) => {
    const dir = scratch();
    mkdirSync(join(dir, "data"));
    const path = join(dir, "data", "train-00000-of-00001.parquet");
    const sink = await createParquet(path, columnsWith(["caption", "edits"]));
    await sink.append([{ ...good, ...changed } as typeof good]);
    await sink.commit();
    return (await readSplit(dir, "train")).examples[0]!;
  };

  it("is read where it is good", async () => {
    expect((await read({})).edits).toHaveLength(1);
    expect((await read({ edits: null, editKinds: null, editAnswers: null })).edits).toBeUndefined();
  });

  it.each([
    [{ editKinds: [] }, /column "editKinds" must be 1 entries, one for each edit, got "?0/],
    [{ editKinds: null }, /column "editKinds" must be a list, got nothing/],
    [{ editAnswers: [4] }, /column "editAnswers" must be an integer from 0 to 3, got 4/],
    [{ edits: [[...second.images, ...second.images]] }, /column "edits" must be 1 images in edit 0/],
    [{ edits: [[]] }, /column "edits" must be 1 images in edit 0, as the example has, got "?0/],
    [{ caption: "see <image>" }, /column "caption" must be words, without "<image>"/],
  ])("%j is named with its column", async (changed, message) => {
    await expect(read(changed)).rejects.toThrow(message);
  });
});
