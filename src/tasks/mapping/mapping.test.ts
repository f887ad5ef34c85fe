import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createParquet, decodeImage, encodePng } from "../../formats/index.ts";
import { generateDataset } from "../generate.ts";
import { reachesGoal } from "../grid-moves.ts";
import type { Example } from "../types.ts";
import { loadMapping, readMapped, readyMappings } from "./index.ts";
import { select } from "./select.ts";

const pixels = (shade: number) => new Uint8Array(20 * 10 * 3).map((_, i) => (i * shade) % 251);
const png = (shade: number): Uint8Array => encodePng({ width: 20, height: 10, pixels: pixels(shade) });

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "lintel-mapping-"));
});
afterAll(() => rmSync(dir, { recursive: true }));

/** A directory with images a.png … d.png and one file of records. */
function dataset(name: string, file: string, content: unknown[] | string): string {
  const root = join(dir, name);
  mkdirSync(root, { recursive: true });
  for (const [i, letter] of ["a", "b", "c", "d"].entries())
    writeFileSync(join(root, `${letter}.png`), png(i + 3));
  const text =
    typeof content === "string" ? content : content.map((record) => JSON.stringify(record)).join("\n");
  writeFileSync(join(root, file), text);
  return root;
}

describe("ready mappings", () => {
  it.each(Object.keys(readyMappings))("%s is a mapping", async (name) => {
    expect((await loadMapping(name)).description).toBeTruthy();
  });

  it("VisCoT: the helper is the box, a fifth larger", async () => {
    const record = {
      question: "What?",
      options: ["A. hat", "B. cat", "C. mat", "D. bat"],
      answer: "C",
      img_path: "a.png",
      bbox: [5, 2, 15, 7],
    };
    const { examples } = await readMapped(dataset("viscot", "test.jsonl", [record]), "viscot-mc");
    expect(examples[0]).toMatchObject({
      question: "<image> What?",
      options: ["hat", "cat", "mat", "bat"],
      answer: 2,
      regions: [{ image: 0, box: [5, 2, 15, 7] }],
    });
    const { width, height } = await decodeImage(examples[0]!.helpers[0]!);
    expect([width, height]).toEqual([12, 7]);
  });

  it("BLINK: Parquet with images in numbered columns", async () => {
    const root = dataset("blink", "x.txt", "");
    const columns = {
      idx: "string",
      question: "string",
      image_1: "image",
      image_2: "image",
      choices: { list: "string" },
      answer: "string",
      sub_task: "string",
    } as const;
    const sink = await createParquet(join(root, "val-00000-of-00001.parquet"), columns);
    await sink.append([
      {
        idx: "v1",
        question: "Which?",
        image_1: png(3),
        image_2: png(4),
        choices: ["the first", "the second"],
        answer: "(B)",
        sub_task: "Jigsaw",
      },
    ]);
    await sink.commit();
    const { name, examples } = await readMapped(root, "blink");
    expect(name).toBe("val");
    expect(examples[0]).toMatchObject({
      id: "v1",
      question: "<image> <image> Which?",
      answer: 1,
      helpers: [],
      attributes: { task: "Jigsaw" },
    });
    expect(Buffer.from(examples[0]!.images[1]!).equals(Buffer.from(png(4)))).toBe(true);
  });

  it("V*: options stand in the text", async () => {
    const text =
      "What is the colour of the (small) dog?\n(A) red\n(B) white\nAnswer with the option's letter.";
    const record = { question_id: 7, image: "b.png", text, label: "B", category: "direct" };
    const [example] = (await readMapped(dataset("vstar", "test_questions.jsonl", [record]), "vstar"))
      .examples;
    expect(example).toMatchObject({
      id: "7",
      question: "<image> What is the colour of the (small) dog?",
      options: ["red", "white"],
      answer: 1,
    });
  });

  it("MMVP: CSV, and images named by number", async () => {
    const csv =
      'Index,Question,Options,Correct Answer\r\n1,"Open, or ""closed""?",(a) Open (b) Closed,(b)\r\n';
    const root = dataset("mmvp", "Questions.csv", csv);
    mkdirSync(join(root, "MMVP Images"));
    writeFileSync(join(root, "MMVP Images", "1.jpg"), png(9));
    const [example] = (await readMapped(root, "mmvp")).examples;
    expect(example).toMatchObject({
      question: '<image> Open, or "closed"?',
      options: ["Open", "Closed"],
      answer: 1,
    });
  });

  it("Mirage: open answers in a box, the others drawn from other examples", async () => {
    const name = "mirage";
    const records = ["L,R", "U,U", "D", "R"].map((plan, i) => ({
      map_id: i,
      text_input: "Plan.",
      image_input: ["a.png"],
      image_output: "b.png",
      text_output: `So \\boxed{X} or \\boxed{${plan}}.`,
    }));
    const { examples } = await readMapped(dataset(name, "train.jsonl", records), name);
    expect(examples.map(({ options, answer }) => options[answer])).toEqual(["L,R", "U,U", "D", "R"]);
    expect(new Set(examples[0]!.options)).toEqual(new Set(["L,R", "U,U", "D", "R"]));
    expect(examples[0]!.helpers).toHaveLength(1);
  });

  it("VSP: maps instead of answers, paths that start at Mirage's own directory, options that solve other maps only", async () => {
    const maps = [
      [
        [2, -1, 1],
        [0, 0, 0],
        [0, 0, 0],
      ],
      [
        [1, 0],
        [-1, 2],
      ],
      [[1, 0, 0, 2]],
      [[2, 1]],
      // No way to the goal.
      [[1, -1, 2]],
    ];
    const records = maps.map((map_desc, i) => ({
      text_input: "Here is the map: <image>\n\nPlease provide your action plan.",
      image_input: `./data/vsp_spatial_planning/${i === 0 ? "a" : "b"}.png`,
      map_id: String(i % 2),
      map_desc,
    }));
    const root = dataset("vsp", "test_direct.jsonl", records);
    await expect(readMapped(root, "vsp", { audit: true })).rejects.toThrow(/whose goal \(2\) can be reached/);
    const skipped: unknown[] = [];
    const { examples } = await readMapped(root, "vsp", {
      audit: true,
      onSkipped: (each) => skipped.push(each),
    });
    // Once when options are gathered and once when the record is read.
    expect(skipped).toHaveLength(1);
    expect(examples.map(({ options, answer }) => options[answer])).toEqual(["D,L,L,U", "R,D", "R,R,R", "L"]);
    expect(examples[0]).toMatchObject({
      map: maps[0],
      helpers: [],
      question: expect.stringMatching(/map: <image>/),
    });
    for (const { options, answer, map } of examples)
      expect(options.map((plan) => reachesGoal(map!, plan))).toEqual(options.map((_, i) => i === answer));
    expect(new Set(examples.map(({ id }) => id)).size).toBe(4);
  });

  it("Zebra-CoT: interleaved helpers in order", async () => {
    const images = Object.fromEntries(
      [1, 2, 10].map((i) => [`reasoning_image_${i}`, i === 10 ? "c.png" : "b.png"]),
    );
    const record = {
      Question: "Look <image_start>[problem_image_1]<image_end> here.",
      problem_image_1: "a.png",
      ...images,
      "Final Answer": "4",
    };
    const [example] = (
      await readMapped(
        dataset("zebra", "train.jsonl", [record, { ...record, "Final Answer": "5" }]),
        "zebra-cot",
      )
    ).examples;
    expect(example).toMatchObject({ question: "Look <image> here." });
    expect(example!.helpers.map((helper) => Buffer.from(helper).equals(Buffer.from(png(5))))).toEqual([
      false,
      false,
      true,
    ]);
  });

  it("Monet: turns of a conversation", async () => {
    const turns = [
      { role: "system", content: [{ type: "text", text: "Be good." }] },
      {
        role: "user",
        content: [
          { type: "image", image_file_name: "a.png" },
          { type: "text", text: "Which?" },
        ],
      },
      {
        role: "assistant",
        content: [
          { type: "text", text: "I zoom. <abs_vis_token></abs_vis_token>" },
          { type: "image", image_file_name: "d.png" },
          { type: "text", text: "\\boxed{cat}" },
        ],
      },
    ];
    const json = JSON.stringify([
      { metadata: { sample_id: 3 }, data: turns },
      {
        metadata: { sample_id: 4 },
        data: [turns[1], { role: "assistant", content: [{ type: "text", text: "\\boxed{dog}" }] }],
      },
    ]);
    const { examples } = await readMapped(dataset("monet", "train.json", json), "monet-sft");
    expect(examples.map(({ id, helpers, options, answer }) => [id, helpers.length, options[answer]])).toEqual(
      [
        ["3", 1, "cat"],
        ["4", 0, "dog"],
      ],
    );
    expect(examples[0]!.question).toBe("<image> Which?");
  });

  it.each(["jsonl", "lantern"] as const)("what --format %s writes comes back", async (format) => {
    const out = join(dir, `own-${format}`);
    const options = { task: "tetris", out, train: 3, eval: 2, heldOut: 2, seed: 1, format };
    expect((await generateDataset(options)).reused).toBe(false);
    expect((await generateDataset(options)).reused).toBe(true);
    await expect(generateDataset({ ...options, seed: 2 })).rejects.toThrow(/another dataset/);
    const plain = join(dir, `plain-${format}`);
    await generateDataset({ ...options, out: plain, format: "lintel" });
    const { readSplit } = await import("../dataset/index.ts");
    const own = (await readSplit(plain, "eval")).examples;
    const { examples } = await readMapped(out, format === "jsonl" ? "lintel-jsonl" : "lantern-tetris", {
      split: "eval",
    });
    expect(examples).toHaveLength(2);
    for (const [i, { answer, helpers, images, options: all }] of examples.entries()) {
      expect([answer, all]).toEqual([own[i]!.answer, own[i]!.options]);
      expect(Buffer.from(helpers[0]!).equals(Buffer.from(own[i]!.helpers[0]!))).toBe(true);
      expect(images).toHaveLength(1);
    }
  });
});

it("a null image of a Parquet column is a record without an image, never asked blind", async () => {
  const root = dataset("null-image", "x.txt", "");
  const columns = {
    question: "string",
    img: "image",
    options: { list: "string" },
    answer: "string",
  } as const;
  const sink = await createParquet(join(root, "test-00000-of-00001.parquet"), columns);
  const row = { question: "Which?", options: ["x", "y"], answer: "A" };
  await sink.append([
    { ...row, img: png(3) },
    { ...row, img: null },
  ]);
  await sink.commit();
  const own = join(dir, "null-image.yaml");
  writeFileSync(
    own,
    "question: question\nimages: img\noptions: options\nanswer: { field: answer, form: letter }\n",
  );
  const skipped: string[] = [];
  const onSkipped = ({ reason }: { reason: string }) => skipped.push(reason);
  const { examples } = await readMapped(root, own, { audit: true, onSkipped });
  expect(examples).toHaveLength(1);
  expect(skipped).toEqual([expect.stringMatching(/test-000001: expected an image in img, got none/)]);
  await expect(readMapped(root, own, { audit: true })).rejects.toThrow(/expected an image in img/);
});

describe("a mapping that does not fit", () => {
  const record = { question: "Q", img_path: "a.png", options: ["yes", "no"], answer: "no" };
  const mapping = (name: string, text: string): string => {
    const path = join(dir, `${name}.yaml`);
    writeFileSync(path, text);
    return path;
  };

  it("is named with its key, or with the nearest ready one", async () => {
    await expect(loadMapping("viscot")).rejects.toThrow(
      /Unknown mapping "viscot". Did you mean "viscot-mc"\?/,
    );
    await expect(loadMapping("maps/viscot.yaml")).rejects.toThrow(
      /got "maps\/viscot.yaml", which is no file$/,
    );
    const wrong = mapping("wrong", "question: q\nimages: i\noptions: o\nanswer: a\nhelper: h\n");
    await expect(loadMapping(wrong)).rejects.toThrow(/wrong.yaml.*helper/);
    writeFileSync(wrong, "image: a\nquestion: b\noptions: c\nanswer: d\n");
    await expect(loadMapping(wrong)).rejects.toThrow(
      /got no images; keys that no mapping has: image. Try images$/,
    );
  });

  it("names the record and what it lacks", async () => {
    const own = mapping("own", "question: question\nimages: img_path\noptions: options\nanswer: answer\n");
    await expect(
      readMapped(dataset("bad", "train.jsonl", [record, { ...record, answer: "maybe" }]), own),
    ).rejects.toThrow(/train-000001.*"yes", "no", got "maybe"/);
    await expect(readMapped(dataset("half", "train.jsonl", '{"a":1}\n{"b'), own)).rejects.toThrow(
      /half.*expected a field "question"/,
    );
    const cut = `${JSON.stringify(record)}\n{"b`;
    await expect(readMapped(dataset("cut", "train.jsonl", cut), own)).rejects.toThrow(/train.jsonl:2/);
    await expect(
      readMapped(dataset("split", "train.jsonl", [record]), own, { split: "trian" }),
    ).rejects.toThrow(/unknown split .* Did you mean "train"\?/);
  });

  it("reads captions and edits where the record has them, and follows the options' order", async () => {
    const edits = [
      { what: "colour", img: "b.png", right: "C" },
      { what: "space", img: "c.png", right: "A" },
    ];
    const record = {
      q: "What?",
      img: "a.png",
      options: ["A. hat", "B. cat", "C. mat"],
      right: "A",
      said: "a hat",
    };
    const mapping = join(dir, "edits.yaml");
    writeFileSync(
      mapping,
      [
        ...["question: q", "images: img", "options: options", "answer: { field: right, form: letter }"],
        ...["caption: said", "ask: letters"],
        "edits: { of: changed, kind: what, images: img, answer: { field: right, form: letter } }",
      ].join("\n"),
    );
    const root = dataset("edits", "test.jsonl", [
      { ...record, changed: edits },
      { ...record, said: " " },
    ]);
    const asked = await readMapped(root, mapping, { audit: true, shuffleOptions: 3 });
    const [first, second] = asked.examples as [Example, Example];
    expect(first.caption).toBe("a hat");
    expect([second.caption, second.edits]).toEqual([undefined, undefined]);
    const meant = (index: number) => first.optionTexts![index];
    expect(meant(first.answer)).toBe("hat");
    expect(first.edits!.map(({ kind, answer }) => [kind, meant(answer)])).toEqual([
      ["colour", "mat"],
      ["space", "hat"],
    ]);
    expect(Buffer.from(first.edits![0]!.images[0]!)).toEqual(Buffer.from(png(4)));
    for (const [changed, message] of [
      [{ changed: [{ ...edits[0], what: 3 }] }, /edit 0: expected its kind in words.*no text in what/],
      [{ changed: [{ ...edits[0], img: ["b.png", "c.png"] }] }, /and 1 images as the example has, got 2/],
      [
        { changed: [{ ...edits[0], right: "F" }] },
        /edit 0: expected an answer that is the letter of one of "hat"/,
      ],
      [{ said: "an <image>" }, /said: expected a caption that replaces the images/],
    ] as const) {
      const broken = dataset(`edits-${message}`.replace(/\W/g, ""), "test.jsonl", [
        { ...record, ...changed },
        { ...record, changed: edits },
      ]);
      await expect(readMapped(broken, mapping)).rejects.toThrow(message);
    }
  });

  it("never follows a path out of the dataset", async () => {
    const own = mapping("paths", "question: question\nimages: img_path\noptions: options\nanswer: answer\n");
    for (const path of ["../secret.png", "/etc/hostname", "sub/../../secret.png"]) {
      writeFileSync(join(dir, "secret.png"), png(3));
      await expect(
        readMapped(dataset("paths", "train.jsonl", [{ ...record, img_path: path }]), own),
      ).rejects.toThrow(/within .*paths/);
    }
  });
});

describe("select", () => {
  it("walks lists, wildcards, places and filters", () => {
    const data = {
      turns: [
        { role: "user", parts: [{ t: 1 }, { t: 2 }] },
        { role: "bot", parts: [{ t: 3 }] },
      ],
      b_10: "z",
      b_2: "y",
    };
    expect(select(data, "turns.parts.t")).toEqual([1, 2, 3]);
    expect(select(data, "turns[role=user].parts[1].t")).toEqual([2]);
    expect(select(data, "b_*")).toEqual(["y", "z"]);
    expect(select(data, "none.at.all")).toEqual([]);
    expect(() => select(data, "a..b")).toThrow(/path/);
  });
});
