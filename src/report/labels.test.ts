import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { contentDummies, verdictSchema } from "../audit/index.ts";
import { interventionNames, interventionRows } from "../reasoning/index.ts";
import { descriptionOf, inOrder, roleOf, VERDICTS } from "./labels.ts";
import { methodsSection } from "./sections/methods.ts";
import type { Results } from "./study-types.ts";

test("the audit's content-free controls are drawn as such, and nothing else is", () => {
  const drawn = interventionNames.filter((name) => roleOf(name) === "content-free");
  expect(drawn.sort()).toEqual([...contentDummies].sort());
});

test("every verdict of the contract is explained", () => {
  expect(Object.keys(VERDICTS).sort()).toEqual([...verdictSchema.options].sort());
});

test("names keep the order of the page, unknown ones come last, inherited ones are unknown", () => {
  expect(inOrder(["jitter(1)", "zeros", "constructor", "own"])).toEqual([
    "own",
    "zeros",
    "jitter(1)",
    "constructor",
  ]);
  expect(roleOf("constructor")).toBe("control");
  expect(roleOf("blend(0.5)")).toBe("control");
  expect(descriptionOf("blend(0.5)")).toMatch(/^Interpolates .* a: share of the oracle/);
  expect(descriptionOf("constructor")).toMatch(/file of interventions/);
});

test("the report describes every registered intervention with its parameters", () => {
  const audits = [{ interventions: Object.fromEntries(interventionRows().map(({ name }) => [name, {}])) }];
  const results = { lintel: "0.1.0", preset: "none", environment: {}, cells: [{ audits }] };
  const page = parseHTML(methodsSection(results as unknown as Results).markup).document;
  const rows = [...page.querySelectorAll("table")[0]!.querySelectorAll("tr")].map((row) => [
    row.querySelector("th")!.textContent!.trim(),
    row.querySelector("td")!.textContent,
  ]);
  expect(Object.fromEntries(rows)).toEqual(
    Object.fromEntries(
      interventionRows().map(({ name, description }) => [name, description.replaceAll("`", "")]),
    ),
  );
  expect(rows).toHaveLength(interventionNames.length);
});
