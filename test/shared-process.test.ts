import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const listed = (...patterns: string[]): string[] =>
  execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", ...patterns], {
    encoding: "utf8",
  })
    .trim()
    .split("\n");

/** Test files share a process (vitest.config.ts): a module that one of them replaces would be replaced for the others. */
it("only files named *.mocked.test.ts replace modules", () => {
  const files = listed("src/**/*.test.ts", "test/**/*.test.ts");
  const mocking = files.filter((file) => /\bvi\.(?:do)?[mM]ock\(/.test(readFileSync(file, "utf8")));
  expect(mocking.filter((file) => !file.endsWith(".mocked.test.ts"))).toEqual([]);
  expect(mocking.length).toBeGreaterThan(0);
});

/** A shared module is loaded once per process: hooks that it registers then would hold for one of its test files only. */
it("shared modules register hooks in functions that test files call", () => {
  const shared = listed("src/**/*.ts", "test/**/*.ts").filter((file) => !file.endsWith(".test.ts"));
  const registering = shared.filter((file) =>
    /^(?:before|after)(?:Each|All)\(/m.test(readFileSync(file, "utf8")),
  );
  expect(registering).toEqual([]);
});
