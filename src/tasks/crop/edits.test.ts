/** Edited scenes, and what is said of scenes in places and words: held against pixels that know nothing of either. */
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, describe as group, it } from "vitest";
import { decodePng, type Picture } from "../../formats/index.ts";
import { readSplit } from "../dataset/index.ts";
import { generateDataset } from "../generate.ts";
import { readMapped } from "../mapping/index.ts";
import { resolveParameters } from "../parameters.ts";
import type { Edit, Example } from "../types.ts";
import { describe } from "./describe.ts";
import { crop, cropMasked } from "./index.ts";
import { part } from "./inspect-sheet.ts";

const renderings = ["full", "pocket"] as const;
const edited = (rendering: string, split = "eval", count = 60, task = crop): Example[] => [
  ...task.generate(split, count, 0, { rendering, edits: true }),
];
const decode = (bytes: Uint8Array): Picture => decodePng(bytes)!;
/** An edited scene as an example, without the helper: nothing but its pixels may tell the answer. */
const after = (example: Example, { images, answer }: Edit): Example => ({
  ...example,
  images,
  answer,
  helpers: [],
});

group.each(renderings)("edits in %s rendering", (rendering) => {
  it("are off by default, and then nothing of an example is another", () => {
    const [plain, withEdits] = [crop.generate("eval", 20, 0, { rendering }), edited(rendering, "eval", 20)];
    for (const [i, example] of [...plain].entries()) {
      const { edits, ...rest } = withEdits[i]!;
      expect("edits" in example).toBe(false);
      expect(rest).toEqual(example);
      expect(edits!.length).toBeGreaterThan(1);
    }
  });

  it("have the answer that their pixels give, and change the picture", () => {
    for (const example of edited(rendering))
      for (const edit of example.edits!) {
        expect(crop.solve(after(example, edit)), `${example.id} ${edit.kind}`).toBe(edit.answer);
        expect(Buffer.compare(Buffer.from(edit.images[0]!), Buffer.from(example.images[0]!))).not.toBe(0);
      }
  });

  it("flip the answer often, and often leave it; every kind that the question allows is there", () => {
    const examples = edited(rendering);
    const all = examples.flatMap((example) =>
      example.edits!.map((edit) => ({
        ...edit,
        flips: edit.answer !== example.answer,
        ask: example.attributes.ask,
      })),
    );
    const share = all.filter(({ flips }) => flips).length / all.length;
    expect([share > 0.25, share < 0.75]).toEqual([true, true]);
    const flipping = new Set(all.filter(({ flips }) => flips).map(({ kind }) => kind));
    for (const kind of ["colour", "shape", "space", ...(rendering === "full" ? ["text", "removal"] : [])])
      expect(flipping, kind).toContain(kind);
    // A color is asked for, and changed: that is never without consequence.
    for (const { kind, flips, ask } of all) if (kind === "colour") expect(flips).toBe(ask === "color");
    for (const { edits = [] } of examples) {
      const kinds = edits.map(({ kind }) => kind);
      expect(new Set(kinds).size).toBe(kinds.length);
      expect(kinds).toEqual(expect.arrayContaining(["colour", "removal"]));
    }
  });

  it("of a scene whose marked thing is hidden change others only, and leave the answer", () => {
    for (const examples of [edited(rendering, "masked", 40), edited(rendering, "eval", 40, cropMasked)])
      for (const { edits, answer, images } of examples) {
        for (const { kind, answer: now, images: shown } of edits!) {
          expect(["removal", "space"]).toContain(kind);
          expect(now).toBe(answer);
          expect(shown).not.toEqual(images);
        }
        expect(edits!.length).toBeGreaterThan(0);
      }
  });
});

group("what is known of a scene", () => {
  it.each(renderings)("the region of the marked thing is what the helper shows: %s", (rendering) => {
    for (const example of crop.generate("eval", 40, 1, { rendering, jitter: 5 })) {
      const { regions } = describe(example);
      const [left, top, right, bottom] = regions![0]!.box;
      const cut = part(decode(example.images[0]!), left, top, right - left, bottom - top);
      const helper = decode(example.helpers[0]!);
      const scale = helper.width / cut.width;
      const small = Buffer.alloc(cut.pixels.length);
      for (let i = 0; i < small.length; i++) {
        const [x, y, c] = [Math.floor(i / 3) % cut.width, Math.floor(i / 3 / cut.width), i % 3];
        small[i] = helper.pixels[(y * scale * helper.width + x * scale) * 3 + c]!;
      }
      expect(Buffer.from(cut.pixels).equals(small)).toBe(true);
    }
  });

  it("the words name the marked thing, unless it is hidden", () => {
    for (const rendering of renderings)
      for (const example of crop.generate("eval", 30, 0, { rendering })) {
        const { caption, helperText } = describe(example);
        expect(helperText).toContain(example.options[example.answer]);
        expect(caption).toContain(example.options[example.answer]);
        expect(caption).not.toContain("hidden");
      }
    const [clear] = crop.generate("eval", 1, 0);
    const [hidden] = crop.generate("masked", 1, 0);
    expect(describe(hidden!).caption).toContain("something hidden by grey");
    expect(describe(hidden!).regions).toEqual(describe(clear!).regions);
    const [small] = crop.generate("eval", 1, 0, { difficulty: 1 });
    expect(describe(small!).caption).toMatch(
      /^A picture of 4 rows of 4 things\. Row 1: .*\. A frame stands around the thing in row \d, column \d\.$/,
    );
  });

  it("is nothing where the state is not this task's, or makes no sense", () => {
    const [{ state }] = [...crop.generate("eval", 1, 0)] as [Example];
    const others = [undefined, null, 3, {}, { side: 2 }, { ...(state as object), marked: 99 }];
    for (const other of [...others, { ...(state as object), side: 3 }])
      expect(describe({ state: other as never })).toEqual({});
  });
});

group("datasets with edits", () => {
  const sizes = { train: 0, eval: 6, heldOut: 2, seed: 0 };
  const scratch = () => mkdtempSync(join(tmpdir(), "lintel-edits-"));

  it("are written and read again as they were made, in Parquet and in records", async () => {
    for (const rendering of renderings) {
      const made = edited(rendering, "eval", 6);
      const out = scratch();
      const { manifest } = await generateDataset({
        ...{ task: "crop", out, ...sizes, parameters: { rendering, edits: true } },
      });
      expect(manifest.parameters.edits).toBe(true);
      const { examples } = await readSplit(out, "eval");
      const bytes = (list: readonly Edit[]) =>
        list.map(({ images, ...rest }) => [
          rest,
          images.map((image) => Buffer.from(image).toString("base64")),
        ]);
      for (const [i, example] of examples.entries())
        expect(bytes(example.edits!)).toEqual(bytes(made[i]!.edits!));
      const card = readFileSync(join(out, "README.md"), "utf8");
      expect(card).toContain("- `edits`, `editKinds`, `editAnswers`: edited versions");
      expect(card).toContain("name: editAnswers");

      const records = scratch();
      await generateDataset({
        ...{ task: "crop", out: records, ...sizes, format: "jsonl", parameters: { rendering, edits: true } },
      });
      const mapped = (await readMapped(records, "lintel-jsonl", { split: "eval" })).examples;
      for (const [i, example] of mapped.entries())
        expect(bytes(example.edits!)).toEqual(bytes(made[i]!.edits!));
    }
  });

  it("without them are what they were before there were any", async () => {
    const out = scratch();
    const { manifest } = await generateDataset({ task: "crop", out, ...sizes });
    expect(manifest.parameters).toEqual({
      ...{ rendering: "full", plan: "none", difficulty: 2, jitter: 0, helper: "crop" },
    });
    expect(readFileSync(join(out, "README.md"), "utf8")).not.toMatch(/edit/i);
    expect(resolveParameters("crop", crop.parameters, {}).edits).toBe(false);
    // Asked for in so many words the default is the same dataset, and it is there already.
    const again = await generateDataset({ task: "crop", out, ...sizes, parameters: { edits: false } });
    expect(again.reused).toBe(true);
  });

  it("have no room in LanteRn's records", async () => {
    const attempt = generateDataset({
      ...{ task: "crop", out: scratch(), ...sizes, format: "lantern", parameters: { edits: true } },
    });
    await expect(attempt).rejects.toThrow(
      /no edited versions: that layout has no room.*Try "--format jsonl"/,
    );
  });
});
