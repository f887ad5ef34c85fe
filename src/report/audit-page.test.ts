import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { picture } from "../../test/support/pictures.ts";
import { dummies, plant } from "../../test/support/planted.ts";
import { writePlantedAudit } from "../../test/support/planted-audit.ts";
import { type AuditResult, compareAuditDirectories, readAuditResult } from "../audit/index.ts";
import type { Example } from "../tasks/index.ts";
import { writeAuditPage } from "./audit-page.ts";
import { writeComparison } from "./comparison-page.ts";
import { PAYLOADS } from "./injection-payloads.fixture.ts";
import { expectNumbersOf, parse } from "./page-numbers.fixture.ts";

let scratch: string;
const at = (name: string): string => join(scratch, name);
const rates = (own: number) => ({ own, oracle: 0.9, ...dummies(0.3) });
const outcomes = (own: number) => plant({ n: 80, seed: 1, rates: rates(own), shared: 0.8 });
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-audit-page-"));
  await writePlantedAudit(at("a"), outcomes(0.4));
  await writePlantedAudit(at("b"), outcomes(0.8));
});
afterAll(() => rmSync(scratch, { recursive: true }));

const change = (directory: string, edit: (audit: AuditResult) => object): void => {
  const path = join(directory, "audit.json");
  writeFileSync(path, JSON.stringify({ schemaVersion: 1, ...edit(JSON.parse(readFileSync(path, "utf8"))) }));
  // Unsealed: what is edited is no finished part.
  rmSync(join(directory, "manifest.json"), { force: true });
};

describe("the page of an audit", () => {
  it("has its verdict, every accuracy and comparison, and numbers that equal audit.json", async () => {
    const page = readFileSync(await writeAuditPage(at("a"), { title: "models/joint" }), "utf8");
    const audit = await readAuditResult(at("a"));
    expect(expectNumbersOf(page, audit).length).toBeGreaterThan(150);
    const shown = new Set(
      [...parse(page).querySelectorAll("[data-at]")].map((node) => node.getAttribute("data-at")),
    );
    for (const name of Object.keys(audit.interventions))
      expect(shown).toContain(`#/interventions/${name}/accuracy`);
    for (const i of audit.comparisons.keys()) expect(shown).toContain(`#/comparisons/${i}/difference`);
    expect(parse(page).querySelector("h1")!.textContent).toBe("models/joint");
    expect(page).toContain("Question 0 of ");
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  });

  it("shows the images of examples that are given, and suites with their conclusion in words", async () => {
    const examples = outcomes(0.4).map(({ example, options, answer }, i) => ({
      ...({
        id: example,
        question: "Which <image>?",
        options,
        answer,
        attributes: {},
        counterfactuals: [],
      } as unknown as Example),
      images: [picture(i % 4, i)],
      helpers: [picture((i + 1) % 4, i)],
    }));
    change(at("a"), (audit) => ({
      ...audit,
      suites: {
        trt: {
          title: "t",
          source: "s",
          interventions: [],
          conclusion: "content",
          meaning: "it counts",
          results: {},
        },
      },
      slices: { kind: { x: { own: { n: 4, accuracy: 0.5, wilson: null } } } },
    }));
    const page = readFileSync(await writeAuditPage(at("a"), { title: "m", examples }), "utf8");
    expect(parse(page).querySelectorAll(".case img").length).toBeGreaterThan(12);
    expect(parse(page).querySelector("#suites")!.textContent).toMatch(/content: it counts/);
    expect(expectNumbersOf(page, await readAuditResult(at("a"))).length).toBeGreaterThan(150);
  });

  it("keeps hostile texts as text", async () => {
    const hostile = outcomes(0.4).slice(0, PAYLOADS.length * 2);
    for (const [i, each] of hostile.entries()) {
      each.options = each.options.map((option) => `${option} ${PAYLOADS[i % PAYLOADS.length]}`);
      each.outcomes.own!.text = PAYLOADS[i % PAYLOADS.length]!;
    }
    await writePlantedAudit(at("hostile"), hostile);
    const path = at("hostile/examples.jsonl");
    const lines = hostile.map(({ example }, i) =>
      JSON.stringify({ example, question: PAYLOADS[i % PAYLOADS.length] }),
    );
    writeFileSync(path, lines.join("\n"));
    rmSync(at("hostile/manifest.json"), { force: true });
    const clean = parse(readFileSync(await writeAuditPage(at("b"), { title: "m" }), "utf8"));
    const tags = (document: ReturnType<typeof parse>) =>
      new Set([...document.querySelectorAll("*")].map(({ tagName }) => tagName));
    const known = tags(clean);
    const page = readFileSync(await writeAuditPage(at("hostile"), { title: PAYLOADS[0]! }), "utf8");
    for (const tag of tags(parse(page))) expect(known).toContain(tag);
    const compared = await compareAuditDirectories(at("hostile"), at("hostile"), {
      names: [PAYLOADS[0]!, PAYLOADS[1]!],
    });
    compared.flips.gained.push(...hostile.map(({ example }) => example));
    const comparison = readFileSync(await writeComparison(at("hostile"), compared), "utf8");
    for (const tag of tags(parse(comparison))) expect(known).toContain(tag);
    for (const node of parse(comparison).querySelectorAll("*"))
      for (const { name } of node.attributes) expect(name).not.toMatch(/^on/);
  });

  it("is not written for an unfinished audit", async () => {
    await expect(writeAuditPage(at("none"), { title: "m" })).rejects.toThrow(
      /expected the result of a finished audit/,
    );
  });
});

describe("the page of a comparison", () => {
  it("has numbers that equal comparison.json, and the examples that flipped with both answers", async () => {
    const found = await compareAuditDirectories(at("a"), at("b"), { names: ["base", "RL"] });
    const page = readFileSync(await writeComparison(scratch, found), "utf8");
    const { schemaVersion, ...written } = JSON.parse(readFileSync(at("comparison.json"), "utf8"));
    expect(schemaVersion).toBe(1);
    expect(written).toEqual(JSON.parse(JSON.stringify(found)));
    expect(expectNumbersOf(page, written).length).toBeGreaterThan(100);
    const flips = [...parse(page).querySelectorAll(".flips tbody tr")].map(
      (row) => row.querySelector("code")!.textContent,
    );
    expect(flips).toEqual([...found.flips.gained, ...found.flips.lost]);
    expect(parse(page).querySelector(".flips tbody tr")!.textContent).toMatch(
      /[abcd] ✗[abcd] ✓Question \d+ of ▣/,
    );
  });
});
