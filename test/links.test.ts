/**
 * Every relative link and anchor of every Markdown file leads somewhere, and every Markdown file that documents, code,
 * tests or scripts name is in the repository.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const tracked = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  maxBuffer: 1 << 26,
})
  .toString()
  .split("\0")
  .filter((path) => path !== "" && existsSync(join(root, path)));
const pages = tracked.filter((path) => path.endsWith(".md"));
const text = (path: string): string => readFileSync(join(root, path), "utf8");

/** Markdown without code blocks and code spans: what is within them is no link. */
const withoutCode = (markdown: string): string =>
  markdown.replace(/^(\s*)(```+|~~~+)[^\n]*\n[\s\S]*?^\s*\2[^\n]*$/gm, "").replace(/(`+)[^`][\s\S]*?\1/g, "");

/** The anchors that a renderer gives to the headings of a page, as GitHub makes them. */
function anchorsOf(markdown: string): Set<string> {
  const found = new Set<string>();
  const headings = markdown
    .replace(/^(```+)[^\n]*\n[\s\S]*?^\1[^\n]*$/gm, "")
    .matchAll(/^#{1,6} +(.+?) *#*$/gm);
  for (const [, heading] of headings) {
    const slug = heading!
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, "")
      .replaceAll(" ", "-");
    let name = slug;
    for (let i = 1; found.has(name); i++) name = `${slug}-${i}`;
    found.add(name);
  }
  for (const [, id] of markdown.matchAll(/<a (?:id|name)="([^"]+)"/g)) found.add(id!);
  return found;
}

/** Relative targets of links and images of a page. */
const targetsOf = (markdown: string): string[] =>
  [
    ...withoutCode(markdown).matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g),
    ...withoutCode(markdown).matchAll(/^\[[^\]]+\]: (\S+)$/gm),
    ...markdown.matchAll(/<(?:img|a)\b[^>]*\b(?:src|href)="([^"]+)"/g),
  ]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target));

/** What is wrong with the links of a page. */
function broken(path: string, markdown: string): string[] {
  return targetsOf(markdown).flatMap((target) => {
    const [file, anchor] = target.split("#");
    const to = file === "" ? path : join(dirname(path), decodeURIComponent(file!));
    if (to !== path && !existsSync(join(root, to))) return [`${path}: ${target} leads to no file`];
    if (anchor === undefined || !to.endsWith(".md")) return [];
    const anchors = anchorsOf(to === path ? markdown : text(to));
    return anchors.has(anchor) ? [] : [`${path}: ${target} leads to no heading`];
  });
}

test("links and anchors of all Markdown files lead somewhere", () => {
  expect(pages.length).toBeGreaterThan(100);
  expect(pages.flatMap((path) => broken(path, text(path)))).toEqual([]);
});

test("a link to no file, to no heading and to a heading of the page itself", () => {
  const page = "# One\n\n## Two `three`: four\n\n[a](no.md) [b](#none) [c](#two-three-four) `[d](no.md)`\n";
  expect(broken("docs/x.md", page)).toEqual([
    "docs/x.md: no.md leads to no file",
    "docs/x.md: #none leads to no heading",
  ]);
});

/** Markdown files that Lintel writes, and those of other projects, which are named and not in the repository. */
const elsewhere = new Set(["verdict.md", "table.md", "appendix.md"]);

/** Markdown files that a text names and nobody has. */
function unknownNames(path: string, source: string): string[] {
  const names = new Set(
    [...source.matchAll(/(?<![\w*{}])[\w./-]*[\w-]\.md\b(?!\.\w)/g)].map(([name]) => name),
  );
  return [...names]
    .filter((name) => {
      const bare = name.replace(/^(?:\.\.?\/)+/, "");
      if (/^(?:[A-Z]+|node_modules)\//.test(bare)) return false; // of another repository, or installed
      if (bare.includes("/"))
        return ![join(root, bare), join(root, "docs", bare), join(root, dirname(path), name)].some((file) =>
          existsSync(file),
        );
      return !elsewhere.has(bare) && !pages.some((page) => basename(page) === bare);
    })
    .map((name) => `${path} names ${name}`);
}

/** Tests that name files which they make themselves. */
const making = /^test\/(?:rooms|links|vocabulary)\.test\.ts$/;

test("every Markdown file that is named is there", () => {
  const named = tracked.filter(
    (path) =>
      /^(?:docs|src|test|scripts|bench|examples|bin|changes|\.github|[^/]+\.(?:md|json|toml)$)/.test(path) &&
      /\.(?:md|ts|tsx|mjs|mts|js|py|sh|ya?ml)$/.test(path) &&
      !making.test(path) &&
      path !== "CHANGELOG.md",
  );
  expect(named.length).toBeGreaterThan(700);
  expect(named.flatMap((path) => unknownNames(path, text(path)))).toEqual([]);
  expect(unknownNames("src/a.ts", "see docs/nowhere.md, NOTHING.md and docs/glossary.md")).toEqual([
    "src/a.ts names docs/nowhere.md",
    "src/a.ts names NOTHING.md",
  ]);
});
