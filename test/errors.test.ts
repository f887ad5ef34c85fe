/** Programs tell errors apart by class, code and id; texts are for readers. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { errorIds } from "../src/util/index.ts";

const root = new URL("../src", import.meta.url).pathname;
const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
  (name) => name.endsWith(".ts") && !/\.(test|fixture)\.ts$/.test(name),
);

/** A question about the text of an error: `error.message.includes(…)`, `/…/.test(cause.message)`, `message === "…"`. */
const asksText =
  /\bmessage[!?)]*\??\.(includes|match|matchAll|startsWith|endsWith|indexOf|search)\(|\.(test|exec)\([^()]*\b(message|stack)\b|(?<!typeof )\bmessage[)!]*\s*[!=]==?\s*["'`]|\.includes\([^()]*\.message\b/;

test("no code decides by the text of an error", () => {
  expect(files.length).toBeGreaterThan(400);
  const asking = files.flatMap((name) =>
    readFileSync(join(root, name), "utf8")
      .split("\n")
      .flatMap((line, i) => (asksText.test(line) ? [`${name}:${i + 1}: ${line.trim()}`] : [])),
  );
  expect(asking).toEqual([]);
});

test("the question is recognized in its forms", () => {
  for (const line of [
    'error.message.includes("expected a model")',
    "(cause as Error).message.startsWith(x)",
    "if (/ENOENT/.test(error.message)) return",
    'if (error.message === "none") return',
    "known.includes(error.message)",
  ])
    expect(asksText.test(line), line).toBe(true);
  for (const line of [
    'typeof message === "string"',
    "got: (cause as Error).message,",
    "for (const m of message.split(x)) say(m)",
  ])
    expect(asksText.test(line), line).toBe(false);
});

test("docs/errors.md lists every id, and code throws each that has one of its own", () => {
  const page = readFileSync(new URL("../docs/errors.md", import.meta.url), "utf8");
  const listed = [...page.matchAll(/^\| `(E_\w+)` \|/gm)].map(([, id]) => id);
  expect(listed).toEqual([...errorIds]);
  const sources = files.map((name) => readFileSync(join(root, name), "utf8")).join("\n");
  const thrown = new Set([...sources.matchAll(/\bid: "(E_\w+)"/g)].map(([, id]) => id));
  const general = /^E_(USAGE|INPUT|CHECKPOINT|DATASET|GRAPH|RUNTIME|INSTALLATION|OUTPUT|INVALID_VALUE)$/;
  expect(errorIds.filter((id) => !general.test(id) && !thrown.has(id))).toEqual([]);
});
