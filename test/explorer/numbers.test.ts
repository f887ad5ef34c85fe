/** Every number of the overview is that of results.json: of all audits, all interventions, all references. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { AuditResult } from "../../src/audit/index.ts";
import { openContents } from "../../src/explorer/index.ts";
import type { RunContent } from "../../src/explorer/types.ts";
import { PRECISION, read } from "../../src/report/page-numbers.fixture.ts";
import { writeRun } from "../../src/report/run.fixture.ts";
import { typeset, type Unit } from "../../src/statistics/index.ts";
import { onStage } from "./browser.fixture.ts";

/** A number that a table shows: where, exactly, and as it reads; null where a dash stands. */
interface Shown {
  row: string;
  label: string;
  title: string;
  value: number | null;
  text: string;
}

describe.runIf(process.env.LINTEL_EXPLORER)("numbers of the overview", { timeout: 240_000 }, () => {
  let names: string[] = [];
  const ui = onStage("numbers", async () => {
    await writeRun(run, { examples: 60, seeds: 2 });
    const contents = await openContents([run]);
    names = ((await contents.get("run")) as RunContent).audits.map(({ name }) => name);
    return contents;
  });
  const run = ui.at("run");

  const numbersOf = (table: string): Promise<Shown[]> =>
    ui.page.locator(`${table} tbody tr`).evaluateAll((rows) =>
      rows.flatMap((row) =>
        [...row.querySelectorAll<HTMLElement>("data, .none, .flip, td > span.quiet")].map((each) => {
          const cell = each.closest("td")!;
          const text = each.textContent!;
          const exact = each instanceof HTMLDataElement ? each.value : text.replace(/\s/g, "");
          return {
            row: row.querySelector("th")!.textContent!.trim(),
            label: cell.dataset.label ?? "",
            title: cell.title,
            value: each.matches(".none") || !/^[-\d]/.test(exact) ? null : Number(exact),
            text,
          };
        }),
      ),
    );
  const wrong: unknown[] = [];
  let checked = 0;
  const compare = (shown: Shown, expected: number | null | undefined, unit: Unit): void => {
    const { value, text } = shown;
    checked++;
    if (value !== (expected ?? null)) wrong.push([shown, expected]);
    else if (
      value !== null &&
      !text.startsWith("<") &&
      Math.abs(read(text.replace(/\s/g, unit === "seconds" ? " " : ""), unit) - value) >
        PRECISION[unit] * 1.0001
    )
      wrong.push([shown, "reads otherwise"]);
    else if (text.startsWith("<") && value! >= 0.001) wrong.push([shown, "is not below"]);
  };

  it("equal those of results.json, exactly and as they read", async () => {
    const { cells, findings } = JSON.parse(readFileSync(join(run, "results.json"), "utf8")) as {
      cells: { id: string; task: string; audits: AuditResult[] }[];
      findings: { id: string; claim: string; evidence: string }[];
    };
    const audits = new Map(
      cells.flatMap(({ id, task, audits }) =>
        audits.map((audit): [string, AuditResult] => [
          `${id} · ${audit.task && audit.task !== task ? `${audit.task}, ` : ""}${audit.split}`,
          audit,
        ]),
      ),
    );
    expect([...audits.keys()].sort()).toEqual([...names].sort());
    for (const [a, name] of names.entries()) {
      const audit = audits.get(name)!;
      for (const reference of new Set(["own", ...audit.comparisons.map((each) => each.reference)])) {
        await ui.open(`overview?a=${a}&ref=${encodeURIComponent(reference)}`);
        await ui.page.locator(".card-head h2", { hasText: name }).waitFor();
        for (const shown of await numbersOf("table.interventions")) {
          const of = audit.interventions[shown.row]!;
          const against = audit.comparisons.find(
            (each) => each.intervention === shown.row && each.reference === reference,
          );
          if (shown.label === "right") compare(shown, of.accuracy, "percent");
          else if (shown.label === `minus ${reference}`) compare(shown, against!.difference, "points");
          else if (shown.label === "p") {
            if (shown.text === "equal") expect(against!.identical).toBe(true);
            else compare(shown, against!.holmP, "p");
          } else if (shown.label === "right → wrong") compare(shown, against!.rightToWrong, "count");
          else if (shown.label === "wrong → right") compare(shown, against!.wrongToRight, "count");
          else if (shown.text !== "reference" && shown.text !== "") wrong.push([shown, "of no known column"]);
        }
      }
    }
    for (const shown of await numbersOf("table.audits")) {
      const audit = audits.get(shown.row)!;
      const accuracy = (of: string) => audit.interventions[of]?.accuracy;
      if (shown.label === "own" || shown.label === "oracle") compare(shown, accuracy(shown.label), "percent");
      else if (shown.label === "best control") compare(shown, accuracy(shown.title), "percent");
      else if (shown.label === "gap closed") compare(shown, audit.gap?.closed, "percent");
      else if (shown.label === "questions") compare(shown, audit.n, "count");
      else wrong.push([shown, "of no known column"]);
    }
    expect(wrong).toEqual([]);
    expect(checked).toBeGreaterThan(500);
    // Sentences of the findings, numbers and all.
    const said = await ui.page
      .locator(".findings li")
      .evaluateAll((all) =>
        all.map((each) => [...each.querySelectorAll("b.id, p")].map((part) => part.textContent)),
      );
    expect(said.map(([id]) => id)).toEqual(findings.map(({ id }) => id));
    for (const [i, { claim, evidence }] of findings.entries()) {
      const plain = (text: string): string =>
        typeset(text).replaceAll("`", "").replace(/\.$/, "").toLowerCase();
      expect(said[i]!.slice(1).map((text) => plain(text!))).toEqual([claim, evidence].map(plain));
    }
    expect(ui.faults).toEqual([]);
  });
});
