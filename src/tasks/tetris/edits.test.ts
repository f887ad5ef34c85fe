import { describe, expect, it } from "vitest";
import type { Parameters } from "../types.ts";
import { describeTetris } from "./describe.ts";
import { tetris } from "./index.ts";

const dials: Parameters[] = [
  {},
  { by: "words" },
  { by: "moved" },
  { rendering: "pocket", exemplars: 5 },
  { rendering: "pocket", options: "rotations", second: "either" },
];

it("the helper in words is the right option, cell by cell", () => {
  for (const example of tetris.generate("eval", 8, 0, {})) {
    const { helper } = example.state as { helper: number[] };
    const { helperText } = describeTetris(example);
    expect(helperText!.match(/x/g)).toHaveLength(helper.length);
    expect(helperText).toMatch(/^the turned piece is [x.]( [x.])*( \/ [x.]( [x.])*)*$/);
  }
});

describe("edits of tetris", () => {
  it.each(dials)("have the answer that their pixels give: %j", (parameters) => {
    const plain = [...tetris.generate("eval", 12, 0, parameters)];
    for (const [i, example] of [
      ...tetris.generate("eval", 12, 0, { ...parameters, edits: true }),
    ].entries()) {
      const { edits, ...rest } = example;
      expect(rest).toEqual(plain[i]);
      expect("edits" in plain[i]!).toBe(false);
      const kinds = ["space", "shape", ...(parameters.by === "words" ? [] : ["exemplar"])];
      expect(edits!.map(({ kind }) => kind)).toEqual(kinds);
      for (const { kind, images, answer } of edits!) {
        expect(tetris.solve({ ...example, images }), `${example.id} ${kind}`).toBe(answer);
        expect(answer === example.answer).toBe(kind === "exemplar");
        expect(images).toHaveLength(example.images.length);
      }
    }
  });
});
