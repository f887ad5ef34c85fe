import { describe, expect, it } from "vitest";
import { parameterValues, resolveParameters } from "./parameters.ts";

const specs = {
  by: { default: "analogy", choices: ["analogy", "words"], description: "" },
  size: { default: 3, min: 1, max: 9, description: "" },
  fast: { default: false, description: "" },
} as const;

describe("resolveParameters", () => {
  it("fills in defaults", () => {
    expect(resolveParameters("toy", specs)).toEqual({ by: "analogy", size: 3, fast: false });
    expect(resolveParameters("toy", specs, { size: 9, by: "words" })).toEqual({
      by: "words",
      size: 9,
      fast: false,
    });
  });

  it.each([
    [{ sice: 1 }, 'toy: unknown parameter "sice". Did you mean "size"?'],
    [{ by: "wrods" }, 'parameter by of toy: unknown value "wrods". Did you mean "words"?'],
    [{ size: 10 }, "parameter size of toy must be an integer from 1 to 9, got 10"],
    [{ size: 2.5 }, "an integer from 1 to 9, got 2.5"],
    [{ size: "3" }, 'parameter size of toy must be a number, got "3"'],
    [{ fast: 1 }, "parameter fast of toy must be a boolean, got 1"],
    [JSON.parse('{"__proto__": 1}') as Record<string, number>, 'toy: unknown parameter "__proto__"'],
  ])("refuses %j", (given, message) => {
    expect(() => resolveParameters("toy", specs, given as Record<string, string | number | boolean>)).toThrow(
      message,
    );
  });
});

describe("parameterValues", () => {
  it("gives texts the kind that the task wants, and leaves the rest to be refused by name", () => {
    const texts = { by: "3", size: "3", fast: "true", other: "1" };
    expect(parameterValues(specs, texts)).toEqual({ by: "3", size: 3, fast: true, other: "1" });
    expect(parameterValues(specs, { size: "1e3", fast: "yes" })).toEqual({ size: "1e3", fast: "yes" });
    expect(parameterValues(specs, { constructor: "1" })).toEqual({ constructor: "1" });
  });
});
