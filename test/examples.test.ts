/** Every example of the documentation runs and gives the values in its comments, and every function of a room's index has one. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

/** Functions without an example, by room. It may only get shorter. */
const allowedWithout = JSON.parse(
  readFileSync(new URL("./examples.allow.json", import.meta.url), "utf8"),
) as Record<string, string[]>;

type Names = Record<string, unknown>;
async function load(path: string): Promise<Names> {
  return (await import(`../src/${path}`)) as Names;
}
const indexOf = (room: string): Promise<Names> =>
  rooms.includes(room) ? load(`${room}/index.ts`) : Promise.resolve({});

/** Compares a value with the comment behind it. */
function compare(actual: unknown, comment: string): void {
  expect(actual, `// ${comment}`).toEqual(promised(comment)!.expected);
}

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

describe.each([...new Set(all.map(({ room }) => room))])("%s", (room) => {
  const examples = all
    .filter((each) => each.room === room)
    .flatMap(({ file, name, reach, examples }) =>
      examples.map((text, at) => ({ file, reach, title: `${name} ${at || ""}`.trim(), text })),
    );

  it.each(examples)("$file: $title", async ({ file, reach, text }) => {
    const names: Names = { [IMPORT]: (path: string) => import(path), [COMPARE]: compare };
    for (const each of reach) Object.assign(names, await indexOf(each));
    Object.assign(names, await load(file));
    const keys = Object.keys(names).filter((name) => name !== "default");
    await new AsyncFunction(...keys, runnable(text))(...keys.map((name) => names[name]));
  });

  it("has an example for every function that its index offers", async () => {
    const offered = await indexOf(room);
    const without = all
      .filter(
        ({ room: its, name, isFunction, examples }) =>
          its === room && isFunction && !examples.length && name in offered,
      )
      .map(({ name }) => name)
      .sort();
    expect(without).toEqual([...(allowedWithout[room] ?? [])].sort());
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
