/** The `@example` blocks of the sources, found by the TypeScript parser. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { isValue } from "./example-values.ts";

const src = fileURLToPath(new URL("../../src", import.meta.url));

interface Declared {
  /** Rooms whose names its examples may use. */
  reach: string[];
  /** Path under src, with slashes. */
  file: string;
  room: string;
  name: string;
  isFunction: boolean;
  examples: string[];
}

function files(directory: string, under = ""): string[] {
  return readdirSync(join(directory, under), { withFileTypes: true }).flatMap((entry) => {
    const path = under ? `${under}/${entry.name}` : entry.name;
    if (entry.isDirectory()) return files(directory, path);
    return /\.tsx?$/.test(entry.name) && !/\.(test|fixture)\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

function examplesOf(node: ts.Node): string[] {
  return ts
    .getJSDocTags(node)
    .filter(({ tagName }) => tagName.text === "example")
    .map(({ comment }) => (ts.getTextOfJSDocComment(comment) ?? "").replace(/^```.*$/gm, "").trim());
}

/** The rooms whose names the examples of a file may use: its own and those that it imports from. */
function roomsInReach(file: string, text: string): string[] {
  const entered = ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) => fileName.match(/^(?:\.\.\/)+(\w+)\/index\.ts$/)?.[1] ?? "");
  return [...new Set(["util", ...entered, file.split("/")[0]!])].filter(Boolean);
}

const isExported = (node: ts.HasModifiers): boolean =>
  ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;

/** Every exported function, constant and class of a source text. */
export function declarations(file: string, text: string): Declared[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const room = file.includes("/") ? file.split("/")[0]! : "";
  const reach = roomsInReach(file, text);
  return source.statements.flatMap((node): Declared[] => {
    if (ts.isFunctionDeclaration(node) && isExported(node) && node.name) {
      return [{ file, room, reach, name: node.name.text, isFunction: true, examples: examplesOf(node) }];
    }
    if (ts.isClassDeclaration(node) && isExported(node) && node.name) {
      return [{ file, room, reach, name: node.name.text, isFunction: false, examples: examplesOf(node) }];
    }
    if (!ts.isVariableStatement(node) || !isExported(node)) return [];
    return node.declarationList.declarations.map(({ name, initializer }) => ({
      file,
      room,
      reach,
      name: name.getText(source),
      isFunction: !!initializer && (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer)),
      examples: examplesOf(node),
    }));
  });
}

/** What all source files declare. */
export const allDeclarations = (): Declared[] =>
  files(src)
    .sort()
    .flatMap((file) => declarations(file, readFileSync(join(src, file), "utf8")));

/** What `import()` is called in runnable examples: code made from text has no module to import from. */
export const IMPORT = "__import";

/** What compares a value with the comment behind it. */
export const COMPARE = "__compare";

/**
 * An example in which every expression with a value behind it is compared with that value: `a(1); // 2`. A long value may
 * stand on the line below. A value behind any other statement would not be compared, and is an error.
 */
function compared(example: string): string {
  const source = ts.createSourceFile("example.ts", example, ts.ScriptTarget.ES2022, true);
  const edits: { from: number; to: number; text: string }[] = [];
  const statements = (node: ts.Node): ts.Statement[] => [
    ...(ts.isStatement(node) && !ts.isBlock(node) ? [node] : []),
    ...node.getChildren(source).flatMap(statements),
  ];
  // Of statements that end at the same place, the innermost owns the comment.
  const byEnd = new Map(statements(source).map((node) => [node.end, node]));
  const taken = new Set<number>();
  for (const node of byEnd.values()) {
    const behind = ts.getTrailingCommentRanges(example, node.end)?.[0];
    const below = behind ? undefined : ts.getLeadingCommentRanges(example, node.end)?.[0];
    const range = behind ?? below;
    if (!range || range.kind !== ts.SyntaxKind.SingleLineCommentTrivia || taken.has(range.pos)) continue;
    const comment = example.slice(range.pos + 2, range.end).trim();
    if (!isValue(comment)) continue;
    taken.add(range.pos);
    if (!ts.isExpressionStatement(node))
      throw new Error(`"// ${comment}" is behind no expression, so it is not compared`);
    const { expression } = node;
    edits.push({
      from: node.getStart(source),
      to: node.end,
      text: `${COMPARE}(${expression.getText(source)}, ${JSON.stringify(comment)});`,
    });
  }
  return edits
    .sort((a, b) => b.from - a.from)
    .reduce((text, { from, to, text: by }) => text.slice(0, from) + by + text.slice(to), example);
}

/**
 * The body of an async function that runs an example. Its imports become dynamic ones; those of Lintel itself are left
 * out, because its names are given. A block of its own lets the example use names that are given, too.
 */
export function runnable(example: string): string {
  const { outputText } = ts.transpileModule(compared(example), {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    },
  });
  const body = outputText
    .replace(/^export \{\};$/gm, "")
    .replace(/^import\s+\*\s+as\s+(\w+)\s+from\s+"(node:[^"]+)";$/gm, 'const $1 = await import("$2");')
    .replace(/^import\s+\{([^}]*)\}\s+from\s+"([^"]+)";$/gm, (_, names: string, from: string) =>
      from.startsWith("node:") ? `const {${names.replace(/ as /g, ": ")}} = await import("${from}");` : "",
    );
  return `{\n${body.replace(/\bimport\(/g, `${IMPORT}(`)}\n}`;
}
