/** Exports that nothing imports: scripts/check-exports.mjs. */
import { describe, expect, it } from "vitest";
// @ts-expect-error: a plain script, because Node 20 runs no TypeScript
import { unusedExports } from "../scripts/check-exports.mjs";

const unused = (texts: Record<string, string>): string[] => unusedExports(texts);

describe("an export", () => {
  const a = "export const one = 1;\nexport interface Two { two: number }\n";

  it("is used by an import, a type or a test of another file", () => {
    expect(
      unused({
        "src/x/a.ts": a,
        "src/y/b.ts": 'import { one as uno, type Two } from "../x/a.ts"; export const t: Two = uno;',
        "src/y/b.test.ts": 'import { t } from "./b.ts"; console.log(t);',
      }),
    ).toEqual([]);
  });

  it.each([
    ["a dynamic import", 'const { one } = await import("./a.ts"); type T = import("./a.ts").Two;'],
    ["a member of one", 'const one = (await import("./a.ts")).one; type T = import("./a.ts").Two;'],
    ["a namespace", 'import * as all from "./a.ts"; console.log(all.one, {} as all.Two);'],
    ["a module that is passed on", 'import * as all from "./a.ts"; console.log(all);'],
    ["the built file", 'import { one } from "../../dist/x/a.js"; import type { Two } from "./a.ts";'],
    ["code in a string", '`import { one, Two } from "./dist/x/a.js";`;'],
  ])("is used by %s", (_, text) => {
    expect(unused({ "src/x/a.ts": a, "src/x/b.ts": text })).toEqual([]);
  });

  it("that only its own file uses, or nobody, is found", () => {
    expect(unused({ "src/x/a.ts": `${a}const three = one;\n` })).toEqual([
      'src/x/a.ts: nothing imports "Two", nor is it used here',
      'src/x/a.ts: nothing imports "one"',
    ]);
  });

  it("is followed through an index, and each step of it that nothing takes is found", () => {
    const index = 'export { one } from "./a.ts";\nexport * from "./c.ts";\n';
    const c = "export const three = 3, four = 4;\n";
    const texts = { "src/x/a.ts": a, "src/x/c.ts": c, "src/x/index.ts": index };
    const user = 'import type { Two } from "../x/a.ts"; import { three } from "../x/index.ts";';
    expect(unused({ ...texts, "src/y/b.ts": user })).toEqual([
      'src/x/a.ts: nothing imports "one", nor is it used here',
      'src/x/c.ts: nothing imports "four", nor is it used here',
      'src/x/index.ts: nothing imports "one" from here',
    ]);
    expect(unused({ ...texts, "src/index.ts": 'export { four, one, three } from "./x/index.ts";' })).toEqual([
      'src/x/a.ts: nothing imports "Two", nor is it used here',
    ]);
  });

  it("may serve its own example, which is a test, where its file uses it", () => {
    const documented = (text: string): string =>
      `/**\n * One.\n *\n * @example\n * ${text}; // 1\n */\nexport const one = 1;\n`;
    expect(unused({ "src/x/a.ts": `${documented("one")}const two = one;\n` })).toEqual([]);
    expect(unused({ "src/x/a.ts": documented("one") })).toHaveLength(1);
    expect(unused({ "src/x/a.ts": `${documented("uno")}const two = one;\n` })).toHaveLength(1);
  });
});
