// Finds exports that no other file imports, on the files that git tracks or would track:
//   node scripts/check-exports.mjs
// Prints one line per unused export and exits with 1 if there is any.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** Files whose exports are for others: the package, its consumer, and what tools load by name. */
const ENTRIES = new Set([
  "src/index.ts",
  "src/cli/main.ts",
  "vitest.config.ts",
  "bench/loader.mjs",
  "explorer/src/node-shim.ts",
  "explorer/src/scratch.ts",
  "explorer/src/time-budget.ts",
  "scripts/site/pages.mjs",
  "test/consumer/consumer.ts",
  "test/support/build.ts",
  "test/support/cache.ts",
]);

/** Types that other files export without naming them: their declarations could not be written otherwise. */
const INFERRED = new Set(["Estimate", "FitData", "HeadTensors", "FittedHead", "TeacherSite"]);

const isCode = (path) => /\.(ts|tsx|mjs|js)$/.test(path) && !/\.d\.m?ts$/.test(path);

/** The repository's path that a specifier leads to: built files stand for their sources. */
function targetOf(path, specifier) {
  if (specifier === "lintel") return "src/index.ts";
  if (!specifier.startsWith(".")) return null;
  const target = posix.join(posix.dirname(path), specifier);
  return target.startsWith("dist/") ? target.replace(/^dist\//, "src/").replace(/\.js$/, ".ts") : target;
}

const textOf = (name) => (ts.isStringLiteral(name) || ts.isIdentifier(name) ? name.text : name.getText());

const isExported = (node) => ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);

/** The names that a declaration binds. */
function bound(name) {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((each) => (ts.isOmittedExpression(each) ? [] : bound(each.name)));
}

/** What is taken from a module object: its names, or null where it is passed on as a whole. */
function takenFrom(expression) {
  let node = expression;
  while (ts.isAwaitExpression(node.parent) || ts.isParenthesizedExpression(node.parent)) node = node.parent;
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) || ts.isQualifiedName(parent))
    return [(parent.name ?? parent.right).text];
  if (ts.isVariableDeclaration(parent) && ts.isObjectBindingPattern(parent.name))
    return parent.name.elements.map((each) => textOf(each.propertyName ?? each.name));
  return null;
}

/** The exports of a file and what it takes from others. `declared`: name to whether the file uses it itself; `examples`: words of its examples. */
function read(path, text) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const file = {
    declared: new Map(),
    again: new Map(),
    all: [],
    taken: [],
    examples: new Set(),
  };
  const spaces = new Map();
  const count = new Map();
  const take = (specifier, names) => {
    const target = targetOf(path, specifier);
    if (target) file.taken.push([target, names]);
  };
  for (const node of source.statements) {
    const examples = ts.getJSDocTags(node).filter(({ tagName }) => tagName.text === "example");
    const words = examples.flatMap(
      ({ comment }) => (ts.getTextOfJSDocComment(comment) ?? "").match(/\w+/g) ?? [],
    );
    for (const word of words) file.examples.add(word);
    if (ts.isImportDeclaration(node)) {
      const { importClause } = node;
      const specifier = node.moduleSpecifier.text;
      const named = importClause?.namedBindings;
      if (importClause?.name) take(specifier, ["default"]);
      if (named && ts.isNamespaceImport(named)) spaces.set(named.name.text, specifier);
      else if (named)
        take(
          specifier,
          named.elements.map((each) => textOf(each.propertyName ?? each.name)),
        );
    } else if (ts.isExportDeclaration(node)) {
      const target = node.moduleSpecifier && targetOf(path, node.moduleSpecifier.text);
      if (!node.exportClause) file.all.push(target);
      else if (ts.isNamespaceExport(node.exportClause))
        file.again.set(node.exportClause.name.text, [target, null]);
      else
        for (const each of node.exportClause.elements) {
          const from = textOf(each.propertyName ?? each.name);
          if (target) file.again.set(textOf(each.name), [target, from]);
          else if (!node.moduleSpecifier) file.declared.set(textOf(each.name), from);
        }
    } else if (ts.isExportAssignment(node)) file.declared.set("default", null);
    else if (isExported(node)) {
      const isDefault = ts.getModifiers(node).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword);
      const names = ts.isVariableStatement(node)
        ? node.declarationList.declarations.flatMap(({ name }) => bound(name))
        : [isDefault ? "default" : node.name.text];
      for (const name of names) file.declared.set(name, name);
    }
  }
  const visit = (node) => {
    if (ts.isIdentifier(node)) {
      count.set(node.text, (count.get(node.text) ?? 0) + 1);
      if (spaces.has(node.text) && !ts.isNamespaceImport(node.parent))
        take(spaces.get(node.text), takenFrom(node));
    } else if (ts.isImportTypeNode(node))
      take(node.argument.literal.text, node.qualifier ? [node.qualifier.getText().split(".")[0]] : null);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      // A path that is put together loads any file: its tests see to it.
      if (ts.isStringLiteralLike(node.arguments[0])) take(node.arguments[0].text, takenFrom(node));
    } else if (ts.isStringLiteralLike(node)) {
      // Code in a string, for a process of its own.
      for (const [, names, specifier] of node.text.matchAll(/import \{([^}]*)\} from "([^"]+)"/g))
        take(
          specifier.replace(/^\.\/dist\//, `${posix.relative(posix.dirname(path), "dist")}/`),
          names.match(/\w+/g) ?? [],
        );
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  file.uses = (name) => (count.get(name) ?? 0) > 1;
  return file;
}

/**
 * Exports that nothing imports. A function with an example that is used within its file may stay exported: the example is
 * run as a test.
 *
 * @param {Record<string, string>} texts text by path from the root of the repository
 */
export function unusedExports(texts) {
  const files = new Map(
    Object.keys(texts)
      .filter(isCode)
      .map((path) => [path, read(path, texts[path])]),
  );
  const used = new Set();
  const use = (path, name) => {
    const file = files.get(path);
    const key = `${path} ${name}`;
    if (!file || used.has(key)) return;
    used.add(key);
    const again = file.again.get(name);
    if (again) take(again[0], again[1] === null ? null : [again[1]]);
    else if (!file.declared.has(name)) for (const each of file.all) use(each, name);
  };
  const namesOf = (path, seen = new Set()) => {
    const file = files.get(path);
    if (!file || seen.has(path)) return [];
    seen.add(path);
    return [
      ...file.declared.keys(),
      ...file.again.keys(),
      ...file.all.flatMap((each) => namesOf(each, seen)),
    ];
  };
  const take = (path, names) => {
    for (const name of names ?? namesOf(path)) use(path, name);
  };
  for (const [path, file] of files) {
    if (ENTRIES.has(path)) take(path, null);
    for (const [target, names] of file.taken) take(target, names);
    // Examples see the names of their room, and of the rooms that the file imports from.
    const rooms = new Set(
      [path, ...file.taken.map(([target]) => target)].map((each) => each.match(/^src\/[^/]+\//)?.[0]),
    );
    for (const word of file.examples)
      if (!file.declared.has(word))
        for (const room of [...rooms, "src/util/"]) if (room) use(`${room}index.ts`, word);
  }
  const found = [];
  for (const [path, file] of files) {
    const stale = (name) => !used.has(`${path} ${name}`);
    for (const [name, local] of file.declared)
      if (stale(name) && !INFERRED.has(name) && !(file.examples.has(name) && local && file.uses(local)))
        found.push(
          `${path}: nothing imports "${name}"${local && file.uses(local) ? "" : ", nor is it used here"}`,
        );
    for (const name of file.again.keys())
      if (stale(name)) found.push(`${path}: nothing imports "${name}" from here`);
  }
  return found.sort();
}

function main() {
  const root = join(dirname(fileURLToPath(import.meta.url)), "..");
  const list = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  const paths = execFileSync("git", list, { cwd: root }).toString().split("\0").filter(isCode);
  const texts = {};
  for (const path of paths) {
    try {
      texts[path] = readFileSync(join(root, path), "utf8");
    } catch (error) {
      if (error.code !== "ENOENT") throw error; // deleted, not yet committed
    }
  }
  const found = unusedExports(texts);
  for (const line of found) console.log(line);
  console.log(`exports: ${Object.keys(texts).length} files, ${found.length} unused`);
  process.exit(found.length > 0 ? 1 : 0);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
