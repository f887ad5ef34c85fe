import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson } from "./json-text.ts";

describe("parseJson", () => {
  it("reads what JSON.parse reads, as it does", () => {
    const value = fc.jsonValue({
      stringUnit: fc.constantFrom("N", "a", "NaN", '"', "\\", "Infinity", "1234567890123456", " "),
    });
    fc.assert(
      fc.property(value, (given) => {
        const text = JSON.stringify(given);
        // Integers beyond 2⁵³ are the one thing that is read otherwise.
        fc.pre(!/\d{16}/.test(text.replace(/"(?:[^"\\]|\\.)*"/g, "")));
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 300 },
    );
  });

  it("reads NaN and infinities as null, and only outside of strings", () => {
    expect(parseJson('{"NaN":[NaN,-Infinity,Infinity],"a\\"NaN":"NaN, -Infinity"}')).toEqual({
      NaN: [null, null, null],
      'a"NaN': "NaN, -Infinity",
    });
    for (const text of ["NaNa", "xNaN", "-NaN", "[1NaN]", "+Infinity"])
      expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  it("keeps integers that a double cannot hold, and floats as they are", () => {
    expect(
      parseJson("[9007199254740993, -12345678901234567890, 9007199254740991, 0.1234567890123456789]"),
    ).toEqual([
      "9007199254740993",
      "-12345678901234567890",
      9007199254740991,
      Number("0.1234567890123456789"),
    ]);
    expect(parseJson("[12345678901234567890.5, 1234567890123456789e3]")).toEqual([
      Number("12345678901234567890.5"),
      Number("1234567890123456789e3"),
    ]);
  });

  it.each([
    ['{"a":1},', "a comma behind the record"],
    ['{"a":[1,],"b":2}', "a comma before a closing bracket"],
    ["# note", "a comment"],
    ["{'a': 1}", "single quotes"],
    ['{"a": None}', "True, False or None"],
    ['{"a":1} {"a":2}', "several values"],
    ["", "nothing"],
  ])("says what is wrong with %s", (text, error) => {
    expect(() => parseJson(text)).toThrow(error);
  });
});
