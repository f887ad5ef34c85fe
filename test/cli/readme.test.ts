/** The README is true: its first screen has the two commands, and every command and option that it names exists. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { lintel } from "./run.ts";

const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");
const readme = read("README.md");
const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

describe("README", () => {
  it("has the command of the study and that of the tests on its first screen", () => {
    const [block] = readme.match(/```sh\n[^`]*```/)!;
    const first = readme.slice(0, readme.indexOf(block) + block.length).split("\n");
    expect(first.length).toBeLessThan(24);
    expect(first[0]).toBe("# Lintel");
    expect(block).toMatch(/^npm ci && npm run study\b/m);
    expect(block).toMatch(/^npm ci && npm test\b/m);
    expect(read(".ci/run")).toContain("npm ci && npm test");
  });

  it("names scripts that exist", () => {
    const named = [...readme.matchAll(/npm (?:run )?(?!ci\b)([a-z:]+)\b/g)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(4);
    const own = ["run", "pack", "install"]; // npm's own
    for (const name of named.filter((each) => !own.includes(each))) expect(scripts).toHaveProperty(name);
  });

  it("builds before it packs: npm pack runs no script here (.npmrc), so that it would pack no dist", () => {
    expect(read(".npmrc")).toContain("ignore-scripts=true");
    for (const [before] of readme.matchAll(/.{0,20}\bnpm pack\b/g))
      expect(before).toMatch(/npm run build && npm pack$/);
  });

  it("names commands with options that they have", async () => {
    const lines = [...readme.matchAll(/npx lintel ([^`#\n]+)/g)].map(([, line]) => line!.trim().split(/\s+/));
    expect(lines.length).toBeGreaterThan(6);
    for (const [command, ...rest] of lines) {
      const { code, out } = await lintel(command!, "--help");
      expect(code, command).toBe(0);
      for (const option of rest.filter((word) => word.startsWith("--"))) expect(out).toContain(`${option} `);
    }
  });

  it("links and names files that exist", () => {
    const paths = [...readme.matchAll(/[`(]((?:scripts|test|docs|\.ci)\/[\w./-]+)[`)]/g)].map(
      ([, path]) => path!,
    );
    expect(paths.length).toBeGreaterThan(5);
    for (const path of paths) expect(existsSync(new URL(path, root)), path).toBe(true);
  });
});
