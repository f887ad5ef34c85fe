import { expect, it, vi } from "vitest";
import { parseYaml } from "./yaml.ts";

it.each([
  [
    "a tag of another program",
    'name: !!js/function "function(){}"',
    /Unresolved tag: tag:yaml.org,2002:js\/function/,
  ],
  ["a file that is to be included", "name: !include /etc/passwd", /Unresolved tag: !include/],
  ["lists within lists", `name: ${"[".repeat(100_000)}`, /too deep to be read/],
  ["a key twice", "a: 1\na: 2", /Map keys must be unique/],
  [
    "aliases of aliases",
    `a: &a [x, x, x, x, x, x, x, x, x]\n${"bcdefgh"
      .split("")
      .map((key, i) => `${key}: &${key} [${Array(9).fill(`*${"abcdefg"[i]}`).join(", ")}]`)
      .join("\n")}`,
    /Excessive alias count/,
  ],
])("refuses %s, and warns of nothing by itself", (_, text, message) => {
  const warned = vi.spyOn(process, "emitWarning");
  expect(() => parseYaml(text)).toThrow(message);
  expect(warned).not.toHaveBeenCalled();
  warned.mockRestore();
});

it("reads what studies, mappings and families are written in", () => {
  expect(parseYaml("a: &t { n: 1 }\nb: *t\nc: [x, 1.5, null]")).toEqual({
    a: { n: 1 },
    b: { n: 1 },
    c: ["x", 1.5, null],
  });
});
