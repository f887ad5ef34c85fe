import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { missingForVerdict, suites } from "../../src/audit/index.ts";
import { namedFamilies } from "../../src/families/registry.ts";
import { type ParameterSpec, parameterValues, resolveParameters, tasks } from "../../src/tasks/index.ts";
import { recipes } from "../../src/training/index.ts";
import { commands } from "./commands.ts";
import { lintel, lintelAt } from "./run.ts";

const golden = (name: string): string =>
  fileURLToPath(new URL(`../goldens/cli/${name}.txt`, import.meta.url));
/** The help of the program and of its commands, and that of one task. */
const helps = [[], ...commands.map((command) => [command]), ["generate", "tetris"]];

describe("help", () => {
  it.each(
    helps.flatMap((words) => [80, 120].map((width) => ({ name: words.join(" ") || "lintel", words, width }))),
  )(
    "of $name at $width columns is the golden text, on standard output, and has an example",
    async ({ words, width }) => {
      const { code, out, err } = await lintelAt(width, ...words, "--help");
      expect([code, err]).toEqual([0, ""]);
      expect(out).toMatch(new RegExp(`Examples?:\\n {2}\\$ lintel ${words.join(" ")}`));
      await expect(out).toMatchFileSnapshot(golden(`${width}/${words.join("-") || "lintel"}`));
      // Commands are not broken, so that they can be copied.
      const lines = out.split("\n").filter((line) => !line.startsWith("  $ "));
      for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(width);
    },
  );

  it("names every command, task, recipe, suite and family", async () => {
    const program = (await lintel("--help")).out;
    for (const command of commands) expect(program).toMatch(new RegExp(`^ {2}${command}\\b`, "m"));
    const generate = (await lintel("generate", "--help")).out;
    for (const task of Object.keys(tasks)) expect(generate).toMatch(new RegExp(`^ {2}${task} `, "m"));
    const audit = (await lintel("audit", "--help")).out;
    const words = audit.replaceAll(/\s+/g, " ");
    for (const family of Object.keys(namedFamilies)) expect(words).toMatch(new RegExp(`[ ,]${family}[ ,]`));
    for (const [name, { title }] of Object.entries(suites)) {
      const verdict = missingForVerdict({ suites: [name] }).length === 0;
      expect(words).toContain(` ${name}${verdict ? " *" : ""} ${title}`);
    }
    const train = (await lintel("train", "--help")).out;
    for (const recipe of Object.keys(recipes)) expect(train).toContain(recipe);
  });

  it.each(Object.values(tasks))(
    "of the task $name has every parameter, with range and default",
    async (task) => {
      const { code, out } = await lintelAt(120, "generate", task.name, "--help");
      expect(code).toBe(0);
      const text = out.replaceAll(/\s+/g, " ");
      for (const [name, spec] of Object.entries(task.parameters as Record<string, ParameterSpec>)) {
        const values =
          spec.choices?.join(", ") ??
          (spec.min === undefined ? typeof spec.default : `${spec.min}–${spec.max}`);
        expect(text).toContain(` ${name} ${spec.description} (${values}; default: ${spec.default})`);
      }
      // The example's values are accepted.
      const [, line] = out.match(/^ {2}\$ lintel (.*)$/m)!;
      const given = Object.fromEntries(
        [...line!.matchAll(/--set (\S+)=(\S+)/g)].map(([, name, value]) => [name, value!]),
      );
      expect(Object.keys(given)).toHaveLength(2);
      resolveParameters(task.name, task.parameters, parameterValues(task.parameters, given));
    },
  );

  it("says of an option that was renamed what it is called, and accepts it", async () => {
    const audit = ["audit", "--model", "none", "--data", "none"];
    const { err } = await lintel(...audit, "--sister", "none", "--suite", "trt");
    expect(err).toMatch(
      /^lintel: the option --sister is now called --text-baseline\nlintel: the option --suite is now called --suites\n/,
    );
    expect((await lintel(...audit, "--suite", ",")).code).toBe(2);
    expect((await lintel("inform", "none", "--mapping", "none")).err).toContain("is now called --map\n");
  });

  it("loads nothing that takes time: no package but commander", () => {
    const seen = new Set<string>();
    const packages = new Set<string>();
    const visit = (path: string): void => {
      if (seen.has(path)) return;
      seen.add(path);
      const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ES2022);
      for (const node of source.statements) {
        const imports = ts.isImportDeclaration(node) || ts.isExportDeclaration(node);
        if (!imports || !node.moduleSpecifier || !ts.isStringLiteral(node.moduleSpecifier)) continue;
        const typeOnly = ts.isImportDeclaration(node) ? node.importClause?.isTypeOnly : node.isTypeOnly;
        if (typeOnly) continue;
        const { text } = node.moduleSpecifier;
        if (text.startsWith(".")) visit(join(dirname(path), text));
        else if (!text.startsWith("node:")) packages.add(text);
      }
    };
    visit(fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url)));
    expect(seen.size).toBeGreaterThan(10);
    expect([...packages]).toEqual(["commander"]);
  });
});

describe("version", () => {
  it("is the package's", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    expect(await lintel("--version")).toEqual({ code: 0, out: `${version}\n`, err: "" });
  });
});
