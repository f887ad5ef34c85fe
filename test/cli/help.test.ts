import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { tasks } from "../../src/tasks/index.ts";
import { recipes } from "../../src/training/index.ts";
import { lintel } from "./run.ts";

const commands = ["study", "generate", "inform", "train", "plan", "audit", "report", "selftest", "doctor"];
const golden = (name: string): string =>
  fileURLToPath(new URL(`../goldens/cli/${name}.txt`, import.meta.url));

describe("help", () => {
  it("of the program is the golden text, on standard output", async () => {
    const { code, out, err } = await lintel("--help");
    expect([code, err]).toEqual([0, ""]);
    await expect(out).toMatchFileSnapshot(golden("lintel"));
    for (const command of commands) expect(out).toMatch(new RegExp(`^ {2}${command}\\b`, "m"));
  });

  it.each(commands)("of %s is the golden text and has an example", async (command) => {
    const { code, out, err } = await lintel(command, "--help");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(new RegExp(`Examples?:\\n {2}\\$ lintel ${command}`));
    await expect(out).toMatchFileSnapshot(golden(command));
  });

  it("names every task and recipe there is", async () => {
    const generate = (await lintel("generate", "--help")).out;
    for (const task of Object.keys(tasks)) expect(generate).toContain(task);
    const train = (await lintel("train", "--help")).out;
    for (const recipe of Object.keys(recipes)) expect(train).toContain(recipe);
  });

  it("fits into 100 columns", async () => {
    for (const command of ["", ...commands]) {
      const { out } = await lintel(...(command ? [command] : []), "--help");
      for (const line of out.split("\n")) expect(line.length, line).toBeLessThanOrEqual(110);
    }
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
