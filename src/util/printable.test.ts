import { expect, it } from "vitest";
import { printable, printableLine } from "./printable.ts";

it("shows control characters of every kind, and leaves text as it is", () => {
  expect(printable("\u001b]0;title\u0007\u009b31m\u0000\r\u007f\u202e")).toBe(
    "\\u001b]0;title\\u0007\\u009b31m\\u0000\\u000d\\u007f\\u202e",
  );
  const plain = "tab\tline\n– “Grün” 答案 😀 ✓";
  expect(printable(plain)).toBe(plain);
  expect(printableLine("a\n\tb")).toBe("a\\n\\tb");
  expect(JSON.parse(printable(JSON.stringify({ "\u009b": "\u001b\n" })))).toEqual({ "\u009b": "\u001b\n" });
});
