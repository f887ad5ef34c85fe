import { describe, expect, it } from "vitest";
import { bytes, columns, duration, figure } from "./format.ts";

describe("figures", () => {
  it("tell spans of time in two units at most", () => {
    expect([0, 9.94, 9.96, 59.4, 59.6, 60, 605, 3599, 3600, 7384].map(duration)).toEqual([
      "0.0 s",
      "9.9 s",
      "10.0 s",
      "59 s",
      "1 min 00 s",
      "1 min 00 s",
      "10 min 05 s",
      "59 min 59 s",
      "1 h 00 min",
      "2 h 03 min",
    ]);
  });

  it("have about three digits", () => {
    expect([0, 0.123, 9.876, 45.67, 123.4, 20251.7, Number.NaN].map(figure)).toEqual([
      "0",
      "0.12",
      "9.88",
      "45.7",
      "123",
      "20,252",
      "?",
    ]);
    expect([0, 1023, 1024, 1.5 * 2 ** 30, 2 ** 50].map(bytes)).toEqual([
      "0 B",
      "1,023 B",
      "1 KiB",
      "1.5 GiB",
      "1,024 TiB",
    ]);
  });

  it("stand in columns", () => {
    expect(columns([["a", "1", "x"], ["long", "", "y"], ["b"]])).toBe("a     1  x\nlong     y\nb");
    expect(columns([])).toBe("");
  });
});
