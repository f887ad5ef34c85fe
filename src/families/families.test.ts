/** Families by their config.json and tokenizer: detection, ids, prompts, answers, oracles; files of rules. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Example } from "../tasks/index.ts";
import { LintelError } from "../util/index.ts";
import { lastInBox } from "./answers/boxed.ts";
import { finalAnswer } from "./answers/ilvr.ts";
import { firstLetter } from "./answers/lvr.ts";
import { namedOption } from "./answers/named.ts";
import type { ReadAnswer } from "./answers/types.ts";
import { boxedOrTagged, firstTagged } from "./answers/vlmevalkit.ts";
import { nearestRows, rowsOrGroupMeans } from "./compress.ts";
import {
  type BlockRules,
  type Family,
  families,
  familyNamed,
  familyOf,
  parseFamily,
  readFamily,
} from "./index.ts";
import { namedFamilies } from "./registry.ts";

const all = Object.values<Family>(families);
const ids = { startId: 11, endId: 12, padId: 13, k: 4 };
const none = (): undefined => undefined;
/** A tokenizer to which a family's tokens were added from 100 on. */
const added =
  ({ tokens }: Family) =>
  (token: string): number | undefined => {
    const at = tokens.indexOf(token);
    return at < 0 ? undefined : 100 + at;
  };

describe("detection", () => {
  it.each(all.filter(({ name }) => !["base", "mirage", "ilvr", "onevl"].includes(name)))(
    "$name by its own keys or tokens, and by no other family's",
    (family) => {
      expect(familyOf(family.configKeys(ids), undefined, added(family))).toBe(family);
    },
  );

  it("takes `lvr_id` alone for LVR where the tokenizer has its end marker of latents, else for ReaLVR", () => {
    const config = { lvr_id: 9, lvr_start_id: 8, lvr_end_id: 10 };
    const withEnd = (text: string): number | undefined => (text === "<|lvr_latent_end|>" ? 11 : undefined);
    expect(familyOf(config, undefined, withEnd).name).toBe("lvr");
    expect(familyOf(config, undefined, none).name).toBe("realvr");
  });

  it("leaves to the user what has the keys of two families", () => {
    const { mirage, ilvr } = families;
    expect(() => familyOf(mirage.configKeys(ids))).toThrow(
      /mirage and ilvr.*--family mirage or --family ilvr/,
    );
    expect(familyOf(mirage.configKeys(ids), "ilvr")).toBe(ilvr);
  });

  it("knows dialects by name, and the nearest name", () => {
    expect(Object.keys(namedFamilies)).toEqual(
      expect.arrayContaining([
        "lvr",
        "lvr-steps",
        "lvr-none",
        "lvr-latent",
        "monet-vllm",
        "monet-transformers",
      ]),
    );
    expect(familyNamed("lvr").dialect).toBe("lvr-steps");
    expect(familyNamed("monet").dialect).toBe("monet-vllm");
    expect(() => familyNamed("monet-vlm")).toThrow(/monet-vllm/);
    expect(() => familyNamed("toString")).toThrow(LintelError);
  });
});

describe("ids", () => {
  const warnings: string[] = [];
  const { mirage } = families;
  const rules = (
    config: Record<string, unknown>,
    idOf: (t: string) => number | undefined = none,
  ): BlockRules => {
    warnings.length = 0;
    return mirage.rules(config, idOf, (warning) => warnings.push(warning));
  };

  it("come from config.json first, with a warning where the tokenizer has others", () => {
    expect(rules(mirage.configKeys(ids), added(mirage))).toMatchObject({ startId: 11, endId: 12, padId: 13 });
    expect(warnings).toHaveLength(3);
    expect(warnings[0]).toMatch(/latent_start_id 11.*<\|latent_start\|> as 101: using 11/);
  });

  it("come from the tokenizer next, and from the order of adding last, where the table has the rows", () => {
    expect(rules({}, added(mirage))).toMatchObject({ startId: 101, endId: 102, padId: 100 });
    expect(warnings).toEqual([]);
    expect(rules({ vocab_size: 151668 })).toMatchObject({ padId: 151665, startId: 151666, endId: 151667 });
    expect(rules({ text_config: { vocab_size: 152064 } }).startId).toBe(151666);
    expect(warnings).toHaveLength(3);
    expect(() => rules({ vocab_size: 151665 })).toThrow(/"latent_start_id" or a token <\|latent_start\|>/);
  });

  it("are whole numbers", () => {
    expect(() => rules({ latent_start_id: "x" })).toThrow(/latent_start_id must be a token id.*got "x"/);
    expect(() => rules({ latent_start_id: -1 })).toThrow(/got -1/);
  });

  it.each([
    ["lantern", { latent_size: 0 }],
    ["lvr", { lvr_steps: 0.5 }],
    ["ilvr", { latent_size: "8" }],
    ["monet", { latent_size: -1 }],
    ["skila", { sketch_token_num: 0 }],
    ["swimbird", { max_latent_token: null, latent_id: "no" }],
    ["livr", { livr_tokens: 0 }],
    ["coconut", { coconut_latents: 1.5 }],
  ])("and counts of %s too: %j is refused", (name, wrong) => {
    const family = familyNamed(name);
    expect(() => family.rules({ ...family.configKeys(ids), ...wrong }, added(family))).toThrow(
      /config\.json/,
    );
  });

  it("of Mirage do not change its constant of 8 latents; ILVR reads its own", () => {
    expect(mirage.rules(mirage.configKeys(ids), none)).toMatchObject({ k: 8, oracleK: 4 });
    expect(families.ilvr.rules(mirage.configKeys(ids), none).k).toBe(4);
  });

  it("of UniVLR come with its heads, on the last state or an inner layer", () => {
    const { univlr } = families;
    const keys = { ...univlr.configKeys(ids), univlr_head: true };
    for (const kind of ["simple", "glu", "vae"])
      expect(univlr.rules({ ...keys, univlr_head_type: kind }, none).head).toMatchObject({ kind, from: 1 });
    expect(univlr.rules({ ...keys, univlr_head: false }, none).head).toBeNull();
    expect(() => univlr.rules({ ...keys, univlr_head_type: "mlp" }, none)).toThrow(/"vae".*got "mlp"/);
    const at = (layer: unknown) =>
      univlr.rules({ ...keys, num_hidden_layers: 28, univlr_align_layer: layer }, none).head;
    // Of the last state by -1, logits are read through the head; elsewhere it makes what is fed alone.
    expect(at(-1)).toEqual({ kind: "simple", prefix: "univlr_head", from: 1 });
    expect(at(14)).toEqual({ kind: "simple", prefix: "univlr_head", from: 1, replaces: "input", layer: 14 });
    expect(at(-2)).toMatchObject({ layer: 27 });
    expect(at(28)).toEqual({ kind: "simple", prefix: "univlr_head", from: 1, replaces: "input" });
    for (const wrong of [0, 29, -29, 1.5, "x"])
      expect(() => at(wrong)).toThrow(/univlr_align_layer: expected -1, or a layer from 1 to 28 of 28, got/);
  });

  it("of LVR come with a head where config.json has one", () => {
    const { lvr } = families;
    const keys = lvr.configKeys(ids);
    expect(lvr.rules(keys, none).head).toBeNull();
    expect(lvr.rules({ ...keys, lvr_head: true, lvr_head_type: "glu" }, none).head).toMatchObject({
      kind: "glu",
    });
    expect(lvr.rules({ ...keys, lvr_head: true, lvr_head_type: "simple" }, none).head?.kind).toBe("simple");
    expect(() => lvr.rules({ ...keys, lvr_head: true, lvr_head_type: "mlp" }, none)).toThrow(
      /"simple" or "glu"/,
    );
  });
});

describe("prompts", () => {
  const example = { question: "See <image> and\n<image>: which?" } as Example;

  it("put images first where the family's evaluation does, with its instruction behind the question", () => {
    expect(families.monet.content(example)).toEqual([
      { type: "image" },
      { type: "image" },
      { type: "text", text: "See and : which?\nPut your final answer in \\boxed{}." },
    ]);
    expect(families.lvr.content(example).at(-1)!.text).toMatch(/letter from the given choices directly\.$/);
    expect(families.lantern.content(example)[0]).toEqual({ type: "text", text: "See" });
    expect(families.base.content({ question: "<image>" } as Example)).toEqual([{ type: "image" }]);
  });

  it("have the system turns and openings that the families write", () => {
    expect(families.mirage.generationPrompt).toBe("<|im_start|>assistant");
    expect(families.skila.system).toBe("You are a helpful assistant.");
    expect(families.swimbird.system).toMatch(
      /^You are a multimodal reasoning.*<answer>Your Final Answer<\/answer>`\.\n$/s,
    );
    const rules = families.coconut.rules(families.coconut.configKeys({ ...ids, k: 2 }), none);
    expect(families.coconut.tail!(rules)).toBe("<|start-latent|><|latent|><|latent|><|end-latent|>");
    expect(families.livr.tail!(families.livr.rules({ livr_tokens: 2 }, added(families.livr)))).toBe(
      "<livr_0><livr_1>\n",
    );
  });

  it("IVT-LR words listed options as its evaluation does, and other questions as they are", () => {
    const { content } = families["ivt-lr"];
    const image = new Uint8Array(1);
    const listed = {
      ...{ question: "<image>Which color?\nOptions:\nA. red\nB. blue", images: [image] },
      ...{ options: ["A", "B"], optionTexts: ["red", "blue"] },
    } as unknown as Example;
    expect(content(listed)).toEqual([
      { type: "image" },
      { type: "text", text: "[Question]:{Which color?}\n[Options]:\nA.{red}\nB.{blue}\nAnswer:" },
    ]);
    const plain = { ...listed, question: "Which <image>?", options: ["red", "blue"], optionTexts: undefined };
    expect(content(plain as unknown as Example).at(-1)!.text).toBe("[Question]:{Which ?}\nAnswer:");
  });

  it("tells IVT-LR from Coconut, whose tokens it adds, by the architecture", () => {
    const idOf = added(families.coconut);
    expect(familyOf({ model_type: "qwen2_vl" }, undefined, idOf).name).toBe("ivt-lr");
    expect(familyOf({ model_type: "gpt2" }, undefined, idOf).name).toBe("coconut");
  });

  it("knows CVRR by its architecture, and its prompt's words from the marks of images", () => {
    const config = { model_type: "cvrr_qwen2_5_vl", image_token_id: 7, video_token_id: 8 };
    const ids: Record<string, number> = { "<|vision_start|>": 5, "<|vision_end|>": 6 };
    const family = familyOf(config, undefined, (token) => ids[token]);
    expect(family.name).toBe("cvrr");
    expect(family.rules(config, (token) => ids[token]).apart).toEqual([5, 6, 7, 8]);
    const asked = { question: "<image>\nWhich?", options: ["A"] } as unknown as Example;
    expect(family.content(asked).at(-1)!.text).toMatch(/^Which\?\nAnswer with only the letter/);
    const told = { ...asked, question: "<image> Which? Answer with the option's letter." };
    expect(family.content(told).at(-1)!.text).toBe("Which? Answer with the option's letter.");
  });

  it.each(all)("$name reads back what it teaches a model to write", (family) => {
    const options = ["red", "blue"];
    const taught = { options, answer: 1, helpers: [new Uint8Array(1)] } as unknown as Example;
    const text = family
      .response(taught, true)
      .map((part) => ("text" in part ? part.text : ""))
      .join("");
    // CVRR's reply is the answer: it stands right behind the prompt.
    expect(family.name === "cvrr" ? `assistant\n${text}` : text).toContain(family.answerCue);
    // LVR's evaluation reads letters only.
    const letters = { ...taught, options: ["A", "B"] } as Example;
    const said = family
      .response(letters, true)
      .map((part) => ("text" in part ? part.text : ""))
      .join("");
    expect(family.readAnswer(said, ["A", "B"])).toBe(1);
    if (family.name !== "lvr") expect(family.readAnswer(text, options)).toBe(1);
  });
});

const letters = ["a", "b", "c", "d"];
const texts = ["a hat", "red", "blue"];
describe("answers", () => {
  it.each<[ReadAnswer, string, readonly string[], number | null]>([
    [namedOption, "B", texts, 1],
    [namedOption, "(c)", texts, 2],
    [namedOption, "A. a hat", texts, 0],
    [namedOption, "a hat", texts, 0],
    [namedOption, "Red.", texts, 1],
    [namedOption, "a bird", texts, null],
    [namedOption, "E", texts, null],
    [namedOption, "A", letters, 0],
    [namedOption, "e", ["c", "d"], null],
    [firstLetter, "<answer> B </answer>", texts, 1],
    [firstLetter, "<answer> b </answer>", texts, null],
    [firstLetter, "<answer> b </answer>", letters, 1],
    [firstLetter, "<answer>A</answer> <answer>C. blue</answer>", texts, 2],
    [firstLetter, "Blue", texts, 2],
    [firstLetter, "", texts, null],
    [firstTagged, "<answer> blue </answer> <answer> red </answer>", texts, 2],
    [firstTagged, "< Answer >B< / answer >", texts, 1],
    [firstTagged, "I would say blue", texts, 2],
    [lastInBox, "\\boxed{A} then \\boxed{B}", texts, 1],
    [lastInBox, "\\boxed{\\text{x}} no", texts, null],
    [lastInBox, "it is red", texts, null],
    [lastInBox, "so \\boxed{R, D}", ["L,R", "R,D"], 1],
    [lastInBox, "so \\boxed{right down}", ["L,R", "R,D"], 1],
    [boxedOrTagged, "so \\boxed{C}", texts, 2],
    [boxedOrTagged, "<answer>red</answer>", texts, 1],
    [boxedOrTagged, "red it is", texts, 1],
    [finalAnswer, "Answer with a word.\nThe final answer is: blue\nred", texts, 2],
    [finalAnswer, "answer: B", texts, null],
    [finalAnswer, "answer: B", ["A", "B"], 1],
    [finalAnswer, "answer: B. a red hat", ["A", "B"], null],
    [finalAnswer, "Answer: no letter here; final", ["yes", "no"], null],
    [finalAnswer, "well, yes", ["yes", "no"], 0],
    [finalAnswer, "yes or no", ["yes", "no"], null],
  ])("%o of %j", (read, text, options, index) => {
    expect(read(text, options)).toBe(index);
  });
});

describe("oracles", () => {
  const rows = Float32Array.of(1, 0, 0, 1, -1, 0, 2, 0.1);

  it("are rows as they are where a family does not pool", () => {
    for (const name of ["lvr", "swimbird"]) expect(familyNamed(name)).toMatchObject({ keepsRows: true });
    expect(rowsOrGroupMeans(rows, 2, 99)).toEqual(rows);
    expect(rowsOrGroupMeans(rows, 2, -1)).toEqual(rows);
    expect(rowsOrGroupMeans(rows, 2, 2)).toEqual(Float32Array.of(0.5, 0.5, 0.5, Math.fround(0.05)));
    const { swimbird } = families;
    const made = swimbird.rules({ ...swimbird.configKeys(ids), max_latent_token: 32 }, none);
    expect(swimbird.helperTokens!(made)).toBe(32);
  });

  it("of ILVR are the rows nearest to the question, in that order, as few as cover it", () => {
    const query = Float32Array.of(1, 0);
    expect(nearestRows(rows, 2, 2, query)).toEqual(Float32Array.of(1, 0, 2, Math.fround(0.1)));
    // cosines 1, .9988, 0, −1: softmax .416, .416, .153, .056, and .9 is covered by three of the four.
    expect(nearestRows(rows, 2, 8, query).length / 2).toBe(3);
    expect(nearestRows(rows, 2, 1, Float32Array.of(-1, 0))).toEqual(Float32Array.of(-1, 0));
  });

  it("say why there are none", () => {
    for (const name of ["skila", "covt", "livr", "base"]) expect(familyNamed(name).noOracle).toMatch(/\w/);
    for (const name of ["lantern", "mirage", "lvr", "ilvr", "swimbird"])
      expect(familyNamed(name).noOracle).toBeUndefined();
  });
});

describe("files of rules", () => {
  const parse = (text: string) => parseFamily(text, "mine.yaml");
  const rulesOf = (text: string, config = {}, idOf: (t: string) => number | undefined = none) =>
    parse(text).rules(config, idOf);
  const whole = "name: mine\nrules: { start: 1, end: 2, pad: 3, k: 4 }";

  it("say everything themselves", () => {
    expect(rulesOf(whole)).toMatchObject({ startId: 1, endId: 2, padId: 3, k: 4, forceEnd: true });
    expect(parse(whole)).toMatchObject({ name: "mine", dialect: "mine" });
  });

  it("take tokens by text, and ids from what they extend", () => {
    const silent = `name: silent-lvr\nextends: monet-vllm\nrules: { start: "<|lvr_start|>", end: "<|lvr_end|>", pad: 7, k: 8 }`;
    const idOf = (token: string) => ({ "<|lvr_start|>": 151665, "<|lvr_end|>": 151668 })[token];
    expect(rulesOf(silent, {}, idOf)).toMatchObject({
      ...{ startId: 151665, endId: 151668, k: 8 },
      ...{ startUsesHidden: true, kIncludesStart: true, recordSampled: true, eosEnds: true },
    });
    expect(() => rulesOf(silent)).toThrow(/a token <\|lvr_start\|>, as silent-lvr checkpoints have/);
    const { lvr } = families;
    expect(rulesOf("name: longer\nextends: lvr-steps\nrules: { k: 16 }", lvr.configKeys(ids))).toMatchObject({
      ...{ startId: 11, k: 16, forceEnd: false },
    });
  });

  it("change prompt, answer, generation and oracle", () => {
    const family = parse(
      [
        ...[whole, "prompt: { system: S, suffix: ' Say it.', images: first, generationPrompt: G, tail: T }"],
        ...[
          "answer: last-boxed",
          "answerCue: '\\boxed{'",
          "maxTokens: 9",
          "repetitionPenalty: 1.2",
          "oracle: rows",
        ],
      ].join("\n"),
    );
    expect(family).toMatchObject({
      system: "S",
      generationPrompt: "G",
      answerCue: "\\boxed{",
      readAnswer: lastInBox,
    });
    expect(family.tail!({} as BlockRules)).toBe("T");
    expect(family.content({ question: "Q <image>" } as Example)).toEqual([
      { type: "image" },
      { type: "text", text: "Q Say it." },
    ]);
    expect(family.generation).toMatchObject({ maxTokens: 9, repetitionPenalty: 1.2 });
    expect(family).toMatchObject({ compress: rowsOrGroupMeans, keepsRows: true });
    expect(parse(`${whole}\noracle: none`).noOracle).toMatch(/mine sets oracle: none/);
    const ordered = parse(`${whole}\nextends: mirage\nprompt: { images: in order, suffix: '!' }`);
    expect(
      ordered.content({ question: "a <image> b" } as Example).map((part) => part.text ?? part.type),
    ).toEqual([...["a", "image", "b", "!"]]);
  });

  it.each([
    ["an unknown key", `${whole}\nrulez: {}`, /unknown key rulez; did you mean rules\?/],
    [
      "an unknown rule",
      "name: m\nrules: { forceend: true }",
      /unknown key rules\.forceend; did you mean forceEnd\?/,
    ],
    [
      "an unknown key of a part",
      "name: m\nrules: { stop: { tensor: t, below: 1, distanse: mse } }",
      /rules\.stop\.distanse; did you mean distance\?/,
    ],
    ["an unknown key of the prompt", "name: m\nprompt: { sufix: x }", /prompt\.sufix; did you mean suffix\?/],
    ["no name", "rules: { k: 4 }", /name: /],
    ["half a latent", "name: m\nrules: { k: 0.5 }", /rules\.k: /],
    ["a word for a flag", "name: m\nrules: { bounded: maybe }", /rules\.bounded: /],
    ["an unknown trigger", "name: m\nrules: { entry: output }", /rules\.entry: /],
    ["an unknown reader", "name: m\nanswer: telepathy", /answer: /],
    ["no YAML", "name: [", /expected YAML/],
    ["a list", "- 1", /expected the block rules/],
    ["an unknown parent", "name: m\nextends: mirag", /mirage/],
  ])("with %s are refused", (_, text, message) => {
    expect(() => parse(text)).toThrow(message);
    expect(() => parse(text)).toThrow(LintelError);
  });

  it.each([
    ["start: null", /start: null without placeholders/],
    ["end: null", /forceEnd with end: null/],
    ["end: null, forceEnd: false, allowSampledEnd: true", /cannot generate/],
    ["end: 1", /same token/],
    ["kIncludesStart: true", /kIncludesStart without startUsesHidden/],
    ["bounded: false", /without anything that ends a block/],
    ["static: [5], recordSampled: true", /static with recordSampled/],
  ])("with rules that contradict each other are refused: %s", (changed, message) => {
    const {
      start = 1,
      end = 2,
      ...others
    } = Object.fromEntries(changed.split(", ").map((each) => each.split(": ") as [string, string])) as Record<
      string,
      string | number
    >;
    const rest = Object.entries(others)
      .map(([key, value]) => `, ${key}: ${value}`)
      .join("");
    const text = `name: m\nrules: { start: ${start}, end: ${end}, pad: 3, k: 4${rest} }`;
    expect(() => rulesOf(text)).toThrow(message);
  });

  it("are documented: the example works, and every key has its row", () => {
    const page = readFileSync(new URL("../../docs/families.md", import.meta.url), "utf8");
    const example = /```yaml\n(.*?)```/s.exec(page)![1]!;
    const family = parse(example);
    const idOf = (token: string): number => token.length;
    expect(family).toMatchObject({ name: "silent-lvr", readAnswer: firstLetter });
    expect(family.rules({}, idOf)).toMatchObject({
      startId: 13,
      endId: 11,
      padId: 7,
      k: 8,
      startUsesHidden: true,
    });
    const table = page.slice(page.indexOf("| key of `rules`"), page.indexOf("Other keys:"));
    const rows = table
      .split("\n")
      .slice(2)
      .flatMap((row) => row.split("|")[1]?.match(/\w+/g) ?? []);
    const known = /valid keys: ([\w, ]+)/;
    let message = "";
    try {
      parse("name: m\nrules: { qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq: 1 }");
    } catch (error) {
      message = (error as Error).message;
    }
    const listed = known.exec(message)![1]!;
    expect(rows.sort()).toEqual(listed.split(", ").sort());
    for (const name of Object.keys(families)) expect(page).toContain(`\`${name}\``);
  });

  it("are read from a path, or a name is taken", async () => {
    expect(await readFamily("ilvr")).toBe(families.ilvr);
    await expect(readFamily("no-such.yaml")).rejects.toThrow(/no-such\.yaml.*ENOENT/);
    await expect(readFamily("ilvrr")).rejects.toThrow(/ilvr/);
  });
});
