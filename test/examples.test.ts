/** Every `@example` runs and gives the values in its comments, and every function that the package exports has one. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { promised } from "./support/example-values.ts";
import { allDeclarations, COMPARE, declarations, IMPORT, runnable } from "./support/examples.ts";

const all = allDeclarations();
const rooms = [...new Set(all.map(({ room }) => room))].filter((room) =>
  existsSync(new URL(`../src/${room}/index.ts`, import.meta.url)),
);
const AsyncFunction = (async () => undefined).constructor as new (
  ...args: string[]
) => (...values: unknown[]) => Promise<void>;

/** Functions of the package without an example. */
const without: string[] = [];

type Names = Record<string, unknown>;
async function load(path: string): Promise<Names> {
  return (await import(`../src/${path}`)) as Names;
}
const indexOf = (room: string): Promise<Names> =>
  rooms.includes(room) ? load(`${room}/index.ts`) : Promise.resolve({});

/** Compares a value with the comment behind it. */
function compare(actual: unknown, comment: string): void {
  expect(actual, `the example says ${comment}; its value is ${inspect(actual)}`).toEqual(
    promised(comment)!.expected,
  );
}

const entry: Names = await load("index.ts");

let before: string;
let scratch: string;
beforeAll(() => {
  before = process.cwd();
  scratch = mkdtempSync(join(tmpdir(), "lintel-examples-"));
  process.chdir(scratch); // what an example writes to a relative path stays out of the repository
});
afterAll(() => {
  process.chdir(before);
  rmSync(scratch, { recursive: true });
});

const withExamples = all.filter(({ examples }) => examples.length);
describe.each([...new Set(withExamples.map(({ room }) => room))])("%s", (room) => {
  const examples = withExamples
    .filter((each) => each.room === room)
    .flatMap(({ file, name, reach, examples }) =>
      examples.map((text, at) => ({ file, name, reach, title: `${name} ${at || ""}`.trim(), text })),
    );

  it.each(examples)("$file: $title", async ({ file, name, reach, text }) => {
    const names: Names = { [IMPORT]: (path: string) => import(path), [COMPARE]: compare };
    for (const each of reach) Object.assign(names, await indexOf(each));
    const own = await load(file);
    // Examples of what the package exports may use the package.
    if (name in entry && entry[name] === own[name]) Object.assign(names, entry);
    Object.assign(names, own);
    const keys = Object.keys(names).filter((name) => name !== "default");
    await new AsyncFunction(...keys, runnable(text))(...keys.map((name) => names[name]));
  });
});

it("every function that the package exports has an example", async () => {
  const exported = new Set(Object.values(await load("index.ts")));
  const missing: string[] = [];
  for (const { file, name, isFunction, examples } of all) {
    if (isFunction && !examples.length && exported.has((await load(file))[name])) missing.push(name);
  }
  expect(missing).toEqual(without);
});

describe("the values in comments", () => {
  const gives = (comment: string, value: unknown) => () => compare(value, comment);

  it.each<[string, unknown, unknown]>([
    ["1", 1, 2],
    ["−0.5", -0.5, 0.5],
    ["1e-4", 0.0001, 0.00011],
    ["0.66…", 2 / 3, 0.65],
    ["-0.12…", -0.124, 0.124],
    ["≈ 0.67", 2 / 3, 0.66],
    ["1 / 3", 1 / 3, 0.3333],
    ["0.9 ** 10", 0.9 ** 10, 0.9],
    ["-10 / Math.sqrt(22)", -10 / Math.sqrt(22), 10 / Math.sqrt(22)],
    ["10n", 10n, 10],
    ["Infinity", Number.POSITIVE_INFINITY, 1],
    ["NaN", Number.NaN, 1],
    ["0", 0, Number.NaN],
    ['"a: b"', "a: b", "a"],
    ['"a…"', "abc", "bc"],
    ["true: it holds", true, false],
    ["null", null, undefined],
    ["undefined", undefined, null],
    ["[1, [2, 3]]", [1, [2, 3]], [1, [2]]],
    ["[1, 2]", Uint8Array.of(1, 2), Uint8Array.of(1, 2, 3)],
    ["[1, …]", [1, 2, 3], [2]],
    ["Float32Array [0.1]", Float32Array.of(0.1), [0.1]],
    ["{ a: 1, b: [2] }", { a: 1, b: [2] }, { a: 1, b: [2], c: 3 }],
    ["{ a: 1, … }", { a: 1, c: 3 }, { c: 3 }],
    ['Set ["a"]', new Set(["a"]), ["a"]],
  ])("%s: right and wrong", (comment, right, wrong) => {
    expect(gives(comment, right)).not.toThrow();
    expect(gives(comment, wrong)).toThrow(/the example says/);
  });

  it.each(["such as 3", "trueish", "nothing: it fits", "from 2 to 6"])("%s: prose", (comment) => {
    expect(promised(comment)).toBeUndefined();
  });

  it.each(["3, 4", "[1, 2", "3 questions", "√2", '"a" or "b"'])("%s: neither", (comment) => {
    expect(() => promised(comment)).toThrow(/in the comment/);
  });

  const run = (text: string) => new AsyncFunction(COMPARE, "two", runnable(text))(compare, async () => 2);

  it("compares what an example promises, behind it or on the line below", async () => {
    await run("await two(); // 2\nif (true) { [await two()]\n// [2]\n}\nconst a = 3; // such as 2\na; // 3");
    await expect(run("await two(); // 3")).rejects.toThrow("its value is 2");
    await expect(run("[await two()];\n// [3]")).rejects.toThrow("its value is [ 2 ]");
    await expect(run("for (const a of [1, 2]) a; // 1")).rejects.toThrow("its value is 2");
  });

  it("knows a value that it could not compare", () => {
    expect(() => runnable("const a = 3; // 3")).toThrow(/behind no expression/);
  });
});

describe("the extraction", () => {
  it("finds functions, constants and classes, and their examples", () => {
    const text = `
/** A. @example a(1); */
export function a(x: number): void {}
/**
 * B.
 *
 * @example
 * const { join } = await import("node:path");
 * b(join("x", "y"));
 *
 * @example
 * b("z");
 */
export const b = (x: string) => x;
/** @example hidden(); */
function hidden() {}
export const table = {};
export class C {}
export type T = string;`;
    expect(
      declarations("room/x.ts", text).map(({ name, isFunction, examples }) => [name, isFunction, examples]),
    ).toEqual([
      ["a", true, ["a(1);"]],
      ["b", true, ['const { join } = await import("node:path");\nb(join("x", "y"));', 'b("z");']],
      ["table", false, []],
      ["C", false, []],
    ]);
  });

  it("runs TypeScript, imports and awaits, and lets failures through", async () => {
    const text = `import { basename as last } from "node:path";
import { a } from "lintel";
const x: string = await Promise.resolve(last("/x/y"));
if (x !== "y" || a !== 1) throw new Error("wrong");
throw new Error("reached the end");`;
    await expect(
      new AsyncFunction(IMPORT, "a", "x", runnable(text))((path: string) => import(path), 1, 2),
    ).rejects.toThrow("reached the end");
  });
});
