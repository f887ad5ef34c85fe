/** The package's entry: its names, that their types are exported, how stable they are, and that they have examples. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import * as names from "../src/index.ts";

const entry: Record<string, unknown> = names;

const root = fileURLToPath(new URL("..", import.meta.url));
const values = [
  "LintelError",
  "auditModel",
  "equivalence",
  "findings",
  "generateDataset",
  "geometry",
  "holm",
  "inform",
  "interventions",
  "judge",
  "lintelVersion",
  "loadLatentModel",
  "mcnemar",
  "pairedDifference",
  "pairsForEquivalence",
  "random",
  "readExamples",
  "readInterventions",
  "readManifest",
  "readResults",
  "readSplit",
  "recipes",
  "runStudy",
  "summarize",
  "summaryText",
  "tasks",
  "trainModel",
  "verifyRun",
  "wilson",
  "writeDataset",
  "writeReport",
];
/** Types that users pass on and do not take apart: what their members name need not be exported. */
const opaque = new Set([
  "LatentModel",
  "LocalModel",
  "Intervention",
  "ResolvedIntervention",
  "SessionOptions",
  "LoadOptions",
  "OracleKind",
  "Recipe",
]);

const { options } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile).config,
  ts.sys,
  root,
);
const program = ts.createProgram([`${root}src/index.ts`], { ...options, noEmit: true });
const checker = program.getTypeChecker();
const declared = (symbol: ts.Symbol): ts.Symbol =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
const source = program.getSourceFile(`${root}src/index.ts`)!;
const exported = new Map(
  checker
    .getExportsOfModule(checker.getSymbolAtLocation(source)!)
    .map((symbol) => [declared(symbol), symbol.name]),
);

/** The nodes of a declaration in which users meet types. */
function signature(node: ts.Declaration): ts.Node[] {
  const typed = (each: ts.SignatureDeclaration): ts.Node[] => [
    ...each.parameters,
    ...(each.typeParameters ?? []),
    ...(each.type ? [each.type] : []),
  ];
  if (ts.isFunctionDeclaration(node)) return typed(node);
  if (ts.isVariableDeclaration(node)) {
    if (node.type) return [node.type];
    return node.initializer && ts.isArrowFunction(node.initializer) ? typed(node.initializer) : [];
  }
  if (ts.isClassDeclaration(node))
    return node.members.flatMap((member) =>
      ts.isMethodDeclaration(member) || ts.isConstructorDeclaration(member) ? typed(member) : [member],
    );
  return [node];
}

/** Types of src that a declaration names. */
function namedTypes(nodes: readonly ts.Node[]): ts.Symbol[] {
  const found: ts.Symbol[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeReferenceNode(node) || ts.isExpressionWithTypeArguments(node)) {
      const symbol = checker.getSymbolAtLocation(
        ts.isTypeReferenceNode(node) ? node.typeName : node.expression,
      );
      const type = symbol && declared(symbol);
      const file = type?.declarations?.[0]?.getSourceFile().fileName ?? "";
      if (type && file.startsWith(`${root}src/`) && !(type.flags & ts.SymbolFlags.TypeParameter))
        found.push(type);
    }
    ts.forEachChild(node, visit);
  };
  for (const node of nodes) visit(node);
  return found;
}

describe("the package's entry", () => {
  it("offers these values", () => {
    expect(Object.keys(entry).sort()).toEqual(values);
  });

  it("exports every type that a signature or an exported type names", () => {
    const missing = [...exported].flatMap(([symbol, name]) =>
      opaque.has(name)
        ? []
        : namedTypes((symbol.declarations ?? []).flatMap(signature))
            .filter((type) => !exported.has(type))
            .map((type) => `${name} names ${type.name}`),
    );
    expect([...new Set(missing)]).toEqual([]);
  });

  it("marks every value as stable or experimental, as docs/stability.md lists them", () => {
    const page = readFileSync(`${root}docs/stability.md`, "utf8");
    const listed = [...page.matchAll(/^\| `(\w+)` \| (stable|experimental) \|/gm)].map(([, name, state]) => [
      name,
      state,
    ]);
    const marked = [...exported]
      .filter(([, name]) => values.includes(name))
      .map(([symbol, name]) => {
        const tags = symbol.getJsDocTags().map((tag) => tag.name);
        const states = [
          ...(tags.includes("public") ? ["stable"] : []),
          ...(tags.includes("experimental") ? ["experimental"] : []),
        ];
        return [name, states.join(" and ")];
      });
    expect(listed.sort()).toEqual(marked.sort());
  });

  it("shows every function in an example that succeeds", () => {
    const functions = [...exported].filter(([, name]) => typeof entry[name] === "function");
    const without = functions.filter(([symbol, name]) => {
      const examples = symbol
        .getJsDocTags()
        .filter((tag) => tag.name === "example")
        .map(({ text }) => ts.displayPartsToString(text));
      return (
        name !== "LintelError" &&
        !examples.some((text) => text.includes(`${name}(`) && !text.includes(".catch("))
      );
    });
    expect(without.map(([, name]) => name)).toEqual([]);
  });
});
