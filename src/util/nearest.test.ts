import { describe, expect, it } from "vitest";
import { nearest, unknownName } from "./nearest.ts";

describe("nearest", () => {
  it("puts the smallest edit distance first and ignores case", () => {
    expect(nearest("Tetirs", ["crop", "crop-masked", "tetris"])[0]).toBe("tetris");
    expect(nearest("kitten", ["sitting", "mitten", "kit"])).toEqual(["mitten", "sitting", "kit"]);
  });

  it("keeps the given order among equals and returns at most `count`", () => {
    expect(nearest("a1", ["a2", "a3", "a4", "a5"], 2)).toEqual(["a2", "a3"]);
  });

  it("leaves out what shares nothing with the name", () => {
    expect(nearest("xyz", ["own", "tub"])).toEqual([]);
    expect(nearest("", ["own"])).toEqual([]);
  });
});

describe("unknownName", () => {
  it("is a usage error naming the kind, what came and what to try", () => {
    const error = unknownName("task", "tetirs", ["tetris", "crop"]);
    expect(error.code).toBe("usage");
    expect(error.message).toBe('task: expected one of tetris, crop, got "tetirs"; try "tetris"');
  });

  it("offers all names where none is near", () => {
    expect(unknownName("preset", "q", ["smoke", "pocket"]).message).toContain('try "smoke" or "pocket"');
  });
});
