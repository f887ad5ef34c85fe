/**
 * "No effect" and its like may follow only an equivalence test. So they may stand in no text of the program but where
 * equivalence has been shown: here every string of the source is looked at, and the places that may say it are named.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const claims =
  /\bno (?:significant |measurable )?(?:effect|difference|influence|impact|change)\b|\bunaffected\b|\bunchanged\b|\b(?:does|do|did) not (?:matter|change|affect)\b|\bwithout effect\b|\bmakes? no\b|\bineffective\b/i;

/** Text of every string and template of a source file. */
function stringsOf(path: string): string[] {
  const source = ts.createSourceFile(path, readFileSync(root + path, "utf8"), ts.ScriptTarget.ES2022, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isStringLiteralLike(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddleOrTemplateTail(node) ||
      ts.isJsxText(node)
    )
      found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const files = execFileSync("git", ["ls-files", "-z", "src", "bin"], { cwd: root })
  .toString()
  .split("\0")
  .filter((path) => /\.(ts|tsx|js)$/.test(path) && !/\.(test|fixture)\.tsx?$/.test(path));

/** Texts that say so after an equivalence test, or of something else than an outcome; each with why it may. */
const allowed: Record<string, string> = {
  "no effect beyond ":
    "src/report/sections/comparisons.ts: only where `equivalent` is true (tested in src/report/study-page.test.ts)",
};

test('"no effect" stands only behind an equivalence test', () => {
  const said = files.flatMap((path) =>
    stringsOf(path)
      .filter((text) => claims.test(text))
      .map((text) => ({ path, text })),
  );
  const unknown = said.filter(
    ({ path, text }) =>
      !Object.entries(allowed).some(([part, why]) => text.includes(part) && why.startsWith(`${path}:`)),
  );
  expect(unknown).toEqual([]);
  expect(said.length).toBeGreaterThanOrEqual(Object.keys(allowed).length);
});

test("the rule catches what it is for", () => {
  for (const text of [
    "zeros had no effect",
    "accuracy is unaffected",
    "no significant difference",
    "it does not matter",
  ])
    expect(text).toMatch(claims);
  for (const text of [
    "no evidence that there is none",
    "not shown to be equivalent",
    "nothing changes hands",
  ])
    expect(text).not.toMatch(claims);
});
