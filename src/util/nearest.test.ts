import { describe, expect, it } from "vitest";
import { nearest, unknownName } from "./nearest.ts";

describe("nearest", () => {
  it("has the smallest edit distance and ignores case", () => {
    expect(nearest("Tetirs", ["crop", "crop-masked", "tetris"])).toBe("tetris");
    expect(nearest("kitten", ["sitting", "mitten", "kit"])).toBe("mitten");
  });

  it("is the first among equals", () => {
    expect(nearest("a1", ["a2", "a3"])).toBe("a2");
  });

  it("is none of those that share nothing with the name", () => {
    expect(nearest("xyz", ["own", "tub"])).toBeUndefined();
    expect(nearest("", ["own"])).toBeUndefined();
  });
});

describe("unknownName", () => {
  it("is a usage error with one suggestion", () => {
    const error = unknownName("task", "tetirs", ["tetris", "tetris3d", "crop"]);
    expect(error.message).toBe('Unknown task "tetirs". Did you mean "tetris"?');
    expect(error.toJSON()).toEqual({
      id: "E_UNKNOWN_NAME",
      code: "usage",
      message: error.message,
      where: "task",
      expected: "one of tetris, tetris3d, crop",
      got: '"tetirs"',
      attempt: '"tetris"',
    });
  });

  it("says where, and which page lists the names", () => {
    const options = { where: "mine.yaml", note: "list: docs/recipes.md" };
    expect(unknownName("recipe", "jiont", ["joint"], options).message).toBe(
      'mine.yaml: unknown recipe "jiont". Did you mean "joint"? (list: docs/recipes.md)',
    );
  });

  it("lists the names where none is similar, unless they are many and a page lists them", () => {
    expect(unknownName("preset", "q", ["smoke", "pocket"]).message).toBe(
      'Unknown preset "q". Choose one of: smoke, pocket.',
    );
    const many = Array.from({ length: 13 }, (_, i) => `name-${i}`);
    expect(unknownName("recipe", "q", many).message).toContain("name-12");
    expect(unknownName("recipe", "q", many, { note: "list: x" }).message).toBe(
      'Unknown recipe "q". (list: x)',
    );
  });
});
