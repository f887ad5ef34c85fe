/** Replies made of templates, their truth by construction: whatever the options say, no wrong one is named. */
import { expect, it } from "vitest";
import { random } from "../../../util/index.ts";
import { carefulChoice } from "./index.ts";

/** {L} and {t}: the option that is named and its text; {M} and {u}, {K}: others. */
const naming = [
  ...[
    "{L}",
    "{L}.",
    "({L})",
    "**{L}**",
    "{L}. {t}",
    "({L}) {t}",
    "{L}) {t}",
    "**{L}. {t}**",
    "{L}: {t}",
    "{t}",
    "{t}.",
  ],
  ...[
    "The answer is {L}.",
    "The answer is {L}. {t}",
    "The correct answer is **{L}**.",
    "The correct option is ({L}) {t}.",
  ],
  ...[
    "Answer: {L}",
    "Answer: {L}. {t}",
    "<answer>{L}</answer>",
    "<answer> {L}. {t} </answer>",
    "\\boxed{{L}}",
  ],
  ...[
    "\\boxed{\\text{{L}. {t}}}",
    "$\\boxed{{L}}$",
    "答案是{L}",
    "选{L}。",
    "答案：{L}. {t}",
    "Final answer: {L}",
  ],
  ...[
    "Not {M} but {L}",
    "{M}. No, wait, {L}.",
    "The answer is {L}, not {M}.",
    "I choose {L} because of {t}.",
  ],
  ...["{L} is correct. {M} is wrong.", "Option {M} shows {u}. Option {L} shows {t}. The answer is {L}."],
  ...["<think>{M} or {L}? {u} is not there.</think> {L}", "The answer is {M}. Actually, the answer is {L}."],
  ...["{M} is wrong because {u} is not there, so the answer is {L}.", "First I thought {M}, but it is {L}."],
  ...[
    "So the answer is {L}: {t}.",
    "It is {t}.",
    "The answer is {t}.",
    "\\boxed{\\text{{t}}}",
    "<answer>{t}</answer>",
  ],
  ...["I see {t}, so the answer is {L}.", "Between {M} and {L}, the answer is {L}.", "{L} rather than {M}"],
  ...[
    "Neither {M} nor {K}: {L}",
    "The correct answer is {L} ({t}), not {M} ({u}).",
    "{L}\n\nThe picture shows {t}.",
  ],
  ...[
    "It cannot be {u}, so it is {t}.",
    '{"answer": "{L}"}',
    "Let me see. {u}? No. {t}? Yes. The answer is {L}.",
  ],
];
const open = [
  ...[
    "{L} or {M}",
    "{L} and {M}",
    "{L}, {M}",
    "Both {L} and {M}",
    "{t} or {u}",
    "Either {L} or {M}",
    "({L}) or ({M})",
  ],
  ...[
    "The answer is {L} or {M}.",
    "I cannot tell {t} from {u}.",
    "Neither {L} nor {M}.",
    "The answers are {L} and {M}.",
  ],
  ...[
    "<think>{L} is likely",
    "Is it {L} or {M}?",
    "{L}? {M}?",
    "It is not {L}.",
    "\\boxed{{L}, {M}}",
    "I do not know.",
  ],
  ...["<answer>{L} or {M}</answer>", "Maybe {L}, maybe {M}.", "{L}. {t} or {M}. {u}"],
];
const pools = [
  [
    "a cat",
    "a red hat",
    "the dog",
    "blue",
    "a T-shirt",
    "an apple",
    "the letter A",
    "Plan B",
    "vitamin C",
    "d",
  ],
  [
    "an A-frame house",
    "a big car",
    "two men",
    "on the left",
    "a hat and a scarf",
    "I-beam",
    "U.S. Route 1",
    "a b-tree",
  ],
  ["1", "2", "3", "4", "5", "6", "10", "12", "20", "100"],
  ["red", "dark red", "light blue", "blue", "green", "dark green", "yellow", "light yellow"],
  ["A man is riding a bike.", "A woman is riding a horse.", "A dog is running.", "Nobody is there."],
  ["红色", "蓝色", "绿色", "黄色", "白色"],
  ["left", "right", "above", "below"],
  ["Yes", "No", "Unclear"],
  ["true", "false"],
  ["Image A", "Image B", "Image C"],
  ["3.5 m", "2.5 m", "13.5 m", "3 m"],
  ["$5", "$15", "$50"],
  ["10%", "20%", "30%"],
  ["north", "south", "north-east", "south-west"],
];

it("names no wrong option of 6,000, and few too few", () => {
  const r = random(0, "templates of replies");
  let [missing, named] = [0, 0];
  for (let i = 0; i < 6000; i++) {
    const texts = r.shuffled(pools[r.integer(pools.length)]!).slice(0, 2 + r.integer(7));
    const letters = texts.map((_, j) => String.fromCharCode(65 + j));
    const [a, b, c = b] = r.shuffled(texts.map((_, j) => j));
    const names = r.uniform() < 0.75;
    const template = (names ? naming : open)[r.integer((names ? naming : open).length)]!;
    const parts: Record<string, string> = { L: letters[a!]!, M: letters[b!]!, K: letters[c!]! };
    for (const [key, at] of [
      ["t", a!],
      ["u", b!],
    ] as const)
      parts[key] = texts[at]!.replace(/\.$/, "");
    const reply = template.replace(/\{([LMKtu])\}/g, (_, key: string) => parts[key]!);
    const choice = carefulChoice(reply, letters, texts);
    expect([reply, texts, names ? (choice ?? a) : choice]).toEqual([reply, texts, names ? a : null]);
    named += Number(names);
    missing += Number(names && choice === null);
  }
  expect(named).toBeGreaterThan(4000);
  expect(missing / named).toBeLessThan(0.02);
});
