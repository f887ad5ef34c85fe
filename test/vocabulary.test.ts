/**
 * One vocabulary: texts, exported names and file names use the words of docs/glossary.md and plain technical English.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Phrases that only Lintel used, each with a replacement to start from. */
const phrases: readonly (readonly [RegExp, string])[] = [
  [
    /\b(?:asked(?!\.json)|told(?! (?:apart|from)\b))\b/i,
    "requested, specified, given, reported; or the active voice",
  ],
  [/\bso many\b(?! \w+ that)/i, "the number itself: N examples, at most N"],
  [/\b(?:for|take|takes|took) so long\b/i, "the duration itself: for N seconds"],
  [/\bso (?:often|much) (?:as|that is)\b/i, "as often as, as much as"],
  [
    /\b(?:stand|stands|stood|standing) (?:in|at|on|between|beside|behind|before|after|above|below|under|there|where|first|last|alone|without|empty|as)\b/i,
    "is in, are at, contains, occupies, precedes, follows",
  ],
  [
    /\b(?:what|where|that|which) (?:stand|stands|stood)\b(?! (?:for|out|up)\b)/i,
    "the contents, the position",
  ],
  [
    /\b(?:lie|lies|lay|lying) (?:at|on|beside|behind|under|there|where|equally|next to|in (?!\[|\())/i,
    "is in, is stored at",
  ],
  [
    /(?<!\bno \w+ )(?<!\blatents )\bof (?:one's|its|their|your|our) own(?=$|[.,;:!?)"'`]| (?:in|at|of|to|and|or|that|which|for|with|on|by|is|are|was|were)\b)/i,
    "its own X, a separate X, a custom X",
  ],
  [/\b(?:with commas|commas) between\b/i, "comma-separated"],
  [/\b(?:is|are|was|were|be) given up\b|\bgiven up\b/i, "stopped, abandoned, the maximum number of"],
  [
    /\b(?:what|that|which|whatever) (?:is|are|was) there\b(?! (?:for|to)\b)/i,
    "the existing X, the available X",
  ],
  [/\bas (?:it is|they are|it was|they were)(?=$|[.,;:)])/i, "unchanged"],
  [/\bnothing is \w+ without\b/i, "the condition: only with X"],
  [/\b(?:speaks?|spoke|spoken)\b/i, "says, reports, uses the format"],
  [/\bthe house\b/i, "Lintel, the project"],
  [/\bluck\b/i, "chance, noise, correlated errors"],
  [/\blacks of\b/i, "is missing from"],
  [/\bsister(?:s| model)?\b/i, "text baseline"],
  [/\b(?:crew|waves)\b/i, "micro-batch runner, positional attention"],
  [/\b(?:wordless|worded)\b/i, "the recipe's new name (docs/recipes.md)"],
  [
    /\b(?:recipe|recipes|cell) (?:silent|strong|gated)\b|\w\/(?:silent|strong|gated)\b/i,
    "the recipe's new name",
  ],
];

/** Retired recipe names: as a whole string they may only be keys of the table of aliases. */
const retiredRecipes = /^(?:silent|wordless|worded|strong|gated)$/;

/** Words that no file name and no exported name contains. */
const retiredWords = new Set([
  "asked",
  "told",
  "said",
  "sister",
  "crew",
  "waves",
  "wordless",
  "worded",
  "speak",
]);

/** British spellings, as words of an identifier. "analyses" is a plural. */
const british =
  /^(?:colour\w*|grey(?:s|scale)?|cent(?:re|red|res)|behaviours?|neighbour\w*|favour\w*|honour\w*|(?:normal|initial|serial|organ|summar|quant|token|optim|regular|standard|random|minim|maxim|general|special|recogn|vector|parallel|categor|visual|synchron|final)is(?:e|ed|es|er|ers|ing|ation)|analys(?:e|ed|er|ing)|label(?:led|ling)|model(?:led|ling)|cancell(?:ed|ing)|catalogues?|artefacts?|judgements?|licence|fibre|metres?)$/i;

interface Finding {
  path: string;
  text: string;
  better: string;
}

/** The phrase that a text may not contain; null where it contains none. */
function phraseIn(text: string): readonly [string, string] | null {
  for (const [pattern, better] of phrases) {
    const found = text.match(pattern);
    if (found) {
      const at = Math.max(0, found.index! - 30);
      return [text.slice(at, found.index! + found[0].length + 30).replaceAll(/\s+/g, " "), better];
    }
  }
  return null;
}

/** The words of a name: "auditAskedText" → audit, asked, text. */
const wordsOf = (name: string): string[] =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .split(/[^A-Za-z]+/)
    .filter(Boolean)
    .map((word) => word.toLowerCase());

const isBritish = (name: string): boolean => wordsOf(name).some((word) => british.test(word));
const isRetired = (name: string): boolean => wordsOf(name).some((word) => retiredWords.has(word));

/** Strings, exported names and declared names of a source file. */
function namesAndTexts(path: string, content: string) {
  const source = ts.createSourceFile(path, content, ts.ScriptTarget.ES2022, true);
  const texts: string[] = [];
  const exported: string[] = [];
  const declared: string[] = [];
  const isExported = (node: ts.Node): boolean =>
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || (ts.isExportDeclaration(node) && !node.exportClause)) return;
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      texts.push(node.text);
    const { name } = node as ts.Node & { name?: ts.Node };
    if (name && ts.isIdentifier(name) && !ts.isPropertyAccessExpression(node)) {
      declared.push(name.text);
      const statement = ts.isVariableDeclaration(node) ? node.parent.parent : node;
      if (isExported(statement) || ts.isExportSpecifier(node)) exported.push(name.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { texts, exported, declared };
}

/** Everything in a source file that the rule forbids. */
function checkSource(path: string, content: string): Finding[] {
  const { texts, exported, declared } = namesAndTexts(path, content);
  const file = path.split("/").slice(2).join("/");
  return [
    ...texts.flatMap((text) => {
      const found = phraseIn(text);
      if (found) return [{ path, text: found[0], better: found[1] }];
      return retiredRecipes.test(text) ? [{ path, text, better: "the recipe's new name" }] : [];
    }),
    ...[...new Set(exported)]
      .filter(isRetired)
      .map((text) => ({ path, text, better: "a name of docs/glossary.md" })),
    ...[...new Set(declared)].filter(isBritish).map((text) => ({ path, text, better: "US spelling" })),
    ...(isRetired(file) || isBritish(file)
      ? [{ path, text: file, better: "a name of docs/glossary.md" }]
      : []),
  ];
}

/** Prose of a document: without code blocks, code in lines, and addresses of links. */
const proseOf = (markdown: string): string =>
  markdown
    .replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, "")
    .replaceAll(/`[^`\n]*`/g, "`…`")
    .replaceAll(/\]\([^)]*\)/g, "]");

function checkDocument(path: string, content: string): Finding[] {
  return proseOf(content)
    .split(/\n{2,}|\n(?=[|*-])/)
    .flatMap((paragraph) => {
      const found = phraseIn(paragraph.replaceAll("\n", " "));
      return found ? [{ path, text: found[0], better: found[1] }] : [];
    });
}

/** Findings that are right: where, which, and why. */
const allowed: readonly { path: RegExp; text: RegExp; why: string }[] = [
  {
    path: /^src\/training\/training-graph\.ts$/,
    text: /^asked$/,
    why: "name of a graph input, part of the bytes of training graphs",
  },
  {
    path: /^src\/tasks\/(?:[^/]+\/(?:paint|text)|thoughts)\.ts$/,
    text: /balls lie on|stands? on a frozen lake|comes to lie|asked about|lies behind the screen|what is told/,
    why: "texts of generated questions and rationales, which are data",
  },
  {
    path: /^src\/cli\/commands\/audit\.ts$/,
    text: /^--sister <dir>/,
    why: "the hidden alias of --text-baseline",
  },
  {
    path: /^src\/families\/answers\//,
    text: /\|is asked\)/,
    why: "part of an expression that reads replies of models",
  },
  {
    path: /^src\/reasoning\/latent-heads\/target-spaces\.ts$/,
    text: /^standardised$/,
    why: "a value in config.json of checkpoints",
  },
];

const listed = (...patterns: string[]): string[] =>
  execFileSync("git", ["ls-files", "-z", ...patterns], { cwd: root, encoding: "utf8" })
    .split("\0")
    .filter((path) => path && existsSync(root + path));

const sources = listed("src", "bin").filter(
  (path) => /\.(ts|js)$/.test(path) && !/\.(test|fixture)\.ts$/.test(path),
);
/** The lab notebook is a record of its time and stays as it was written. */
const documents = listed("README.md", "CONTRIBUTING.md", "docs/*.md", "docs/**/*.md").filter(
  (path) => path !== "docs/notebook.md",
);

const show = ({ path, text, better }: Finding): string => `${path}: "${text}" → ${better}`;

test("texts and names are in the words of the glossary", () => {
  expect(sources.length).toBeGreaterThan(300);
  const read = (path: string) => readFileSync(root + path, "utf8");
  const found = [
    ...sources.flatMap((path) => checkSource(path, read(path))),
    ...documents.flatMap((path) => checkDocument(path, read(path))),
  ].filter((each) => !allowed.some(({ path, text }) => path.test(each.path) && text.test(each.text)));
  expect(found.map(show)).toEqual([]);
});

test("the rule catches what it is for", () => {
  for (const text of [
    "what is asked of the model",
    "the value that it is told",
    "repeat every cell with so many seeds",
    "matrix products are measured for so long",
    "what stands in the slots",
    "latents stand between question and answer",
    "the file lies in the cache",
    "a YAML file of one's own",
    "in a process of its own.",
    "a name of its own for each",
    "names with commas between them",
    "ids at which a reply is given up",
    "of a benchmark the split that is there",
    "the directory is left as it is",
    "nothing is fetched without",
    "the house speaks",
    "questions share their luck",
    "fetch what the cache lacks of the model",
    "a sister model",
    "a crew of workers",
    "the recipe silent",
    "tetris/wordless",
  ])
    expect(phraseIn(text), text).not.toBeNull();
  for (const text of [
    "K stands for the number of slots",
    "own latents stand out",
    "the interval lies within ±2 points",
    "its own output directory",
    "the example has no latents of its own",
    "with the norms of its own latents",
    "the two conditions cannot be told apart",
    "latents that stand for images",
    "asked.json",
    "as many examples as needed",
    "the process gives up its lock",
    "there are 3 examples",
    "as it is read from the file",
    "a strong baseline",
    "comma-separated names",
  ])
    expect(phraseIn(text), text).toBeNull();
});

test("names are taken apart and compared word by word", () => {
  const text = `
import { colourOf } from "elsewhere";
export const askedText = 1;
export type Told = string;
const asked = 2;
interface Style { centre: number; color: string }
const recipe = "gated";
const message = \`for \${askedText} what is told\`;`;
  expect(checkSource("src/audit/sister.ts", text).map(({ text }) => text)).toEqual([
    "gated",
    " what is told",
    "askedText",
    "Told",
    "centre",
    "sister.ts",
  ]);
  expect(["normalise", "greyLevel", "neighbours", "serialised"].filter(isBritish)).toHaveLength(4);
  expect(
    ["normalize", "colors", "analyses", "precise", "center", "comprise", "noise"].filter(isBritish),
  ).toEqual([]);
});

test("code in documents is not prose", () => {
  const text = "Use `asked.json`.\n\n```sh\nlintel audit # what is told\n```\n\nNothing [here](asked.md).";
  expect(checkDocument("docs/x.md", text)).toEqual([]);
  expect(checkDocument("docs/x.md", "The model is\ntold nothing.")).toHaveLength(1);
});
