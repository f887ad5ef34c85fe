import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { typeset } from "../statistics/index.ts";
import { fitPage } from "./build.ts";
import { DETAIL_LEVELS } from "./detail-levels.ts";
import { PAYLOADS } from "./injection-payloads.fixture.ts";
import { format, rangeText } from "./numbers.ts";
import { at, expectNumbersOf, type Page, PRECISION, parse, read } from "./page-numbers.fixture.ts";
import { readRun } from "./read-run.ts";
import { isMissing, type ReportData } from "./report-data.ts";
import { writeRun } from "./run.fixture.ts";
import { renderPage } from "./study-page.ts";

let run: string;
let material: ReportData;
let page: string;
/** The page as a document, parsed once; tests that change it take copies. */
let whole: Page;

beforeAll(async () => {
  run = await mkdtemp(join(tmpdir(), "lintel-report-"));
  await writeRun(run, { examples: 200 });
  material = await readRun(run);
  page = renderPage(material, DETAIL_LEVELS[0]!);
  whole = parse(page);
});
afterAll(() => rm(run, { recursive: true }));

describe("numbers", () => {
  test("every number that names a place equals the number there, exactly and as it reads", () => {
    expect(expectNumbersOf(whole, material.results).length).toBeGreaterThan(1500);
  });

  test("every chart has the table of its data, and one that fits a narrow screen", () => {
    const document = whole;
    const plots = [...document.querySelectorAll("svg.plot")].filter((svg) => !svg.closest(".narrow"));
    expect(plots.length).toBeGreaterThan(5);
    for (const svg of plots) {
      const id = svg
        .getAttribute("aria-labelledby")!
        .split(" ")[0]!
        .replace(/-title$/, "");
      expect(document.querySelectorAll(`table[data-figure="${id}"] tbody tr`).length, id).toBeGreaterThan(0);
    }
    const slim = [...document.querySelectorAll(".narrow svg")];
    expect(slim.length).toBe(document.querySelectorAll(".accuracy").length);
    for (const svg of slim) expect(Number(svg.getAttribute("width"))).toBeLessThanOrEqual(340);
  });

  test("no other digits are on the page but those of its fixed texts, axes, and sentences of results.json", () => {
    const places = "[data-at], [data-from], table[data-figure]";
    const texts = "#methods, #environment, .case, .finding, .why, .seed, code, style, title";
    const fixed = [
      /^(Accuracy, 0–100|Right, 95|Followed, 95|95|5)\s%( interval)?$/,
      /^retrieval@(1|5|10)(, own → oracle)?$/,
      /^([a-z-]+, )?seed \d+$/,
      /^((at|below) chance, )?(all|\d+ of) \d+ seeds$/,
      /^bars: 95\s% interval (\(mid-p\)|of the paired difference)$/,
      /^seeds from top to bottom: [\d, ]+$/,
      /^(margin of equivalence, |no effect beyond )±2 points$/,
      /^Lines: (seed \d+ [a-z-]+(, )?)+\.$/,
      /Cosines of own latents near 1 mean that they have collapsed\.$/,
      /on their first two principal components \(\d+\s% and \d+\s% of the variance\)\.$/,
      new RegExp(`^, Lintel ${material.results.lintel.replaceAll(".", "\\.")}$`),
    ];
    const loose: string[] = [];
    const walk = (node: Page["body"]): void => {
      for (const child of node.childNodes) {
        const [text, parent] = [child.textContent!.trim(), child.parentElement!];
        if (child.nodeType === 1) walk(child);
        else if (child.nodeType !== 3 || !/\d/.test(text) || parent.closest(`${places}, ${texts}`)) continue;
        // Marks of an axis, and what a drawing says of itself to a screen reader.
        else if (parent.closest("svg") && (/^[−\d.\s]+%?$/.test(text) || parent.localName === "desc"))
          continue;
        else if (!fixed.some((each) => each.test(text))) loose.push(`${parent.localName}: ${text}`);
      }
    };
    walk(whole.body);
    expect(loose).toEqual([]);
    // Sentences are those of results.json.
    const { findings, cells } = material.results;
    const said = typeset(
      [
        ...cells.flatMap(({ audits }) => audits.map(({ verdictReason }) => verdictReason)),
        ...findings.flatMap(({ claim, evidence, source }) => [claim, evidence, source]),
      ].join(" "),
    ).toLowerCase();
    const sentences = [...whole.querySelectorAll(".why, .claim, .evidence, .source")];
    expect(sentences.length).toBeGreaterThan(20);
    for (const each of sentences) {
      const own = each
        .textContent!.replace(/^Seed \d+\. /, "")
        .replace(/[.\s]+$/, "")
        .toLowerCase();
      expect(said.replaceAll("`", "")).toContain(own);
    }
  });

  test("the table of each chart of accuracies has the values of results.json, to five digits", () => {
    let rows = 0;
    const near = (text: string, value: number | null | undefined): boolean =>
      text === "" ? (value ?? null) === null : Math.abs(Number(text) - value!) <= 5e-6;
    const trials = material.results.cells.flatMap(({ seed, audits }) =>
      audits.map((audit) => ({ seed, audit })),
    );
    for (const table of whole.querySelectorAll('table[data-figure$="-accuracy"]'))
      for (const row of table.querySelectorAll("tbody tr")) {
        const [name, seed, ...values] = [...row.querySelectorAll("td")].map((each) => each.textContent!);
        rows++;
        const fits = trials.some(({ seed: of, audit: { interventions } }) => {
          const found = interventions[name!];
          const [low, high] = found?.interval ?? [null, null];
          return (
            String(of) === seed &&
            found &&
            [found.accuracy, low, high].every((value, i) => near(values[i]!, value))
          );
        });
        expect(fits, `${name} ${seed} ${values.join(" ")}`).toBe(true);
      }
    expect(rows).toBe(trials.reduce((sum, { audit }) => sum + Object.keys(audit.interventions).length, 0));
  });

  test("every accuracy, interval and comparison of the results is on the page", () => {
    const shown = new Set(
      [...whole.querySelectorAll("[data-at]")].map((node) => node.getAttribute("data-at")),
    );
    material.results.cells.forEach((cell, c) => {
      cell.audits.forEach((audit, a) => {
        const base = `#/cells/${c}/audits/${a}`;
        for (const name of Object.keys(audit.interventions)) {
          expect(shown).toContain(`${base}/interventions/${name}/accuracy`);
          expect(shown).toContain(`${base}/interventions/${name}/interval`);
        }
        audit.comparisons.forEach((_, i) => {
          for (const key of ["difference", "interval", "mcnemarP", "holmP"]) {
            expect(shown).toContain(`${base}/comparisons/${i}/${key}`);
          }
        });
        if (audit.geometry.ownOracle.r1 !== null) expect(shown).toContain(`${base}/geometry/ownOracle/r1`);
      });
    });
  });

  test("a number that is null shows its reason", () => {
    const changed = structuredClone(material);
    const comparison = changed.results.cells[0]!.audits[0]!.comparisons[1]!;
    Object.assign(comparison, {
      mcnemarP: null,
      holmP: null,
      equivalent: null,
      reasons: { mcnemarP: "no pairs", equivalent: "1 example" },
    });
    const row = parse(renderPage(changed, DETAIL_LEVELS[0]!)).querySelector(
      '[data-at="#/cells/0/audits/0/comparisons/1/mcnemarP"]',
    )!;
    expect(row.getAttribute("title")).toBe("no pairs");
    expect(row.closest("tr")!.lastElementChild!.querySelector(".none")!.getAttribute("title")).toBe(
      "1 example",
    );
  });
});

describe("wording", () => {
  test("“no effect” is said of comparisons with shown equivalence, and of nothing else", () => {
    const document = parse(page);
    const equal = [...document.querySelectorAll("[data-equivalent]")];
    const shown = material.results.cells
      .flatMap((cell) => cell.audits.flatMap((audit) => audit.comparisons))
      .filter((c) => c.equivalent);
    expect(shown.length).toBeGreaterThan(0);
    expect(equal.length).toBe(shown.length);
    for (const node of equal) {
      expect(node.textContent).toMatch(/^no effect beyond ±2 points$/);
      const place = node.closest("tr")!.querySelector("[data-at]")!.getAttribute("data-at")!;
      expect(at(material.results, place.replace(/\/\w+$/, "/equivalent"))).toBe(true);
      node.remove();
    }
    expect(document.documentElement.outerHTML).not.toMatch(/no effect/i);
  });

  test("without equivalence the page never says it, however large p is", () => {
    const changed = structuredClone(material);
    for (const cell of changed.results.cells) {
      for (const audit of cell.audits) {
        for (const c of audit.comparisons)
          Object.assign(c, { equivalent: false, mcnemarP: 1, holmP: 1, difference: 0 });
      }
    }
    expect(renderPage(changed, DETAIL_LEVELS[0]!)).not.toMatch(/no effect/i);
  });

  test("each finding says its state, and the answer counts them", () => {
    const document = whole;
    const pills = [...document.querySelectorAll(".finding .pill")].map((node) =>
      node.textContent!.replace(/\s+/g, " ").trim(),
    );
    expect(pills).toEqual(["✓ holds", "? undecided", "✗ refuted", "– not run"]);
    expect(document.querySelector(".answer")!.textContent).toContain(
      "Of the four claims examined, one holds, one is refuted, one is undecided and one was not run.",
    );
    expect(
      [...document.querySelectorAll("main > section > h2")].map((node) => node.textContent!.trim()),
    ).toEqual([
      "Findings",
      "Overview",
      "tetris joint",
      "crop joint",
      "tetris text",
      "Definitions and methods",
      "Run",
    ]);
  });
});

describe("one file, closed to the outside", () => {
  test("its policy allows one style sheet, by hash, and inline images", () => {
    const document = whole;
    const policy = document
      .querySelector('meta[http-equiv="Content-Security-Policy"]')!
      .getAttribute("content")!;
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)![1]!;
    const hash = createHash("sha256").update(style).digest("base64");
    expect(policy).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`,
    );
    expect(document.querySelectorAll("style")).toHaveLength(1);
    expect(document.querySelectorAll("script, link, iframe, object, embed, form, base")).toHaveLength(0);
  });

  test("it refers to nothing but itself, and has no inline style or handler", () => {
    const attributes = [...whole.querySelectorAll("*")].flatMap((node) =>
      node.getAttributeNames().map((name: string) => [name, node.getAttribute(name)!] as const),
    );
    expect(attributes.filter(([name]) => /^on|^style$/.test(name))).toEqual([]);
    const places = attributes.filter(([name]) => ["src", "href", "xlink:href"].includes(name));
    expect(places.length).toBeGreaterThan(40);
    expect(places.filter(([, to]) => !/^(#|data:image\/(png|jpeg);base64,)/.test(to))).toEqual([]);
    expect(page.replace(/xmlns(:\w+)?="[^"]*"/g, "")).not.toMatch(/https?:|url\(|@import/);
  });

  test("names and anchors are unique, and every link inside finds its place", () => {
    const document = whole;
    const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const link of document.querySelectorAll("a[href], use")) {
      expect(ids).toContain(link.getAttribute("href")!.slice(1));
    }
  });

  test("images are shown with their helpers, small ones enlarged by whole factors", () => {
    const cards = [...whole.querySelectorAll(".case")];
    expect(cards.length).toBeGreaterThan(40);
    for (const card of cards) {
      expect(card.querySelectorAll(".question img").length).toBeGreaterThan(0);
      expect(card.querySelectorAll(".helper img").length).toBe(1);
      expect(card.querySelector(".question")!.textContent).not.toContain("<image>");
    }
  });

  test("the same run gives the same bytes", async () => {
    expect(fitPage(await readRun(run)) === page).toBe(true);
  });
});

/** Every text of the material that comes from data, replaced; keys and the words that the schema fixes stay. */
function poison<T>(value: T, payload: string, key = ""): T {
  const fixed = ["verdict", "state", "uri", "status", "directory", "reference"];
  if (typeof value === "string") return (fixed.includes(key) ? value : payload) as T;
  if (Array.isArray(value)) return value.map((item) => poison(item, payload, key)) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, item]) => {
    const named = name === "noise" ? payload : name;
    return [named, poison(item, payload, name)];
  });
  return Object.fromEntries(entries) as T;
}

describe("hostile data", () => {
  const shape = (text: string): string[] =>
    [...parse(text).querySelectorAll("*")].map(
      (node) => `${node.localName} ${node.getAttributeNames().sort().join(" ")}`,
    );
  const few = { ...DETAIL_LEVELS[0]!, examples: 3 };
  let small: ReportData;
  let benign: string[];
  beforeAll(async () => {
    const one = await mkdtemp(join(tmpdir(), "lintel-report-one-"));
    await writeRun(one, { examples: 20, seeds: 1 });
    small = await readRun(one);
    await rm(one, { recursive: true });
    benign = shape(renderPage(poison(small, "x"), few));
  });

  test.each(PAYLOADS)(
    "every text and intervention name replaced by a payload leaves the page as it was: %s",
    (payload) => {
      const hostile = renderPage(poison(small, payload), few);
      expect(shape(hostile)).toEqual(benign);
      expect(hostile.match(/<script|<iframe|<base/gi)).toBeNull();
    },
  );
});

describe("size", () => {
  test("a page that grows too large is made with less, and says so", () => {
    const full = Buffer.byteLength(page);
    const smaller = fitPage(material, full - 1);
    expect(Buffer.byteLength(smaller)).toBeLessThan(full);
    expect(smaller).toContain("To limit its size, this page omits examples of seeds beyond the first.");
    const without = renderPage(material, DETAIL_LEVELS.at(-1)!);
    expect(without).toContain("omits all examples");
    expect(Buffer.byteLength(without)).toBeLessThan(full * 0.65);
    const least = fitPage(material, 1);
    expect(least).toContain("omits the sections of single models");
    expect(least).not.toContain('<section class="cell"');
    expect(least).toContain('<section id="overview"');
    expect(without).toContain('<section class="cell"');
  });

  test("a page of a study that is running says how far it is, and loads itself again", () => {
    const running = renderPage({ ...material, of: 9 }, DETAIL_LEVELS[0]!);
    expect(running).toContain('<meta http-equiv="refresh"');
    expect(parse(running).querySelector("header .note")?.textContent).toMatch(/running: \d+ of 9 models/);
    expect(page).not.toContain('http-equiv="refresh"');
  });
});

test("the texts of numbers and their parsing agree", () => {
  for (const [value, unit] of [
    [0.1234, "percent"],
    [-0.05, "points"],
    [123456, "count"],
    [95.4, "seconds"],
  ] as const) {
    expect(Math.abs(read(format(value, unit), unit) - value)).toBeLessThanOrEqual(PRECISION[unit]);
  }
  expect(
    rangeText([0.1, 0.2], "percent")
      .split("\u2013")
      .map((part) => read(part, "percent")),
  ).toEqual([0.1, 0.2]);
  expect(material.cells.every((cell) => !isMissing(cell.curve))).toBe(true);
});
