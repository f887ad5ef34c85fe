/** For tests only: whether the numbers of a page are those of `results.json`. */
import { parseHTML } from "linkedom";
import { expect } from "vitest";
import type { Unit } from "./numbers.ts";

export type Page = ReturnType<typeof parseHTML>["document"];

export function parse(text: string): Page {
  return parseHTML(text).document;
}

export function at(root: unknown, pointer: string): unknown {
  const keys = pointer
    .slice(2)
    .split("/")
    .map((key) => decodeURIComponent(key).replaceAll("~1", "/").replaceAll("~0", "~"));
  return keys.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], root);
}

/** The number that a reader would take from a text of the page, in the unit of `results.json`. */
export function read(text: string, unit: Unit): number {
  const plain = text
    .replaceAll("\u2212", "-")
    .replace(/[\u202f%+]/g, "")
    .trim();
  if (unit === "percent" || unit === "points") return Number(plain) / 100;
  if (unit === "seconds") {
    const [, minutes = "0", seconds] = /^(?:(\d+)min )?([\d.]+)s$/.exec(plain)!;
    return 60 * Number(minutes) + Number(seconds);
  }
  return Number(plain.replace("<", ""));
}

export const PRECISION: Record<Unit, number> = {
  percent: 5e-4,
  points: 5e-4,
  p: 5e-4,
  decimal: 5e-4,
  tenth: 0.05,
  count: 0.5,
  seconds: 0.5,
};

/** Expects every number of a page that names its place to equal the number there, exactly and as it reads. */
export function expectNumbersOf(page: string | Page, results: unknown) {
  const document = typeof page === "string" ? parse(page) : page;
  const nodes = [...document.querySelectorAll("[data-at]")];
  const wrong: unknown[] = [];
  // One assertion at the end: one per number would take most of the time.
  const check = (right: boolean, ...found: unknown[]): void => void (right || wrong.push(found));
  for (const node of nodes) {
    const place = node.getAttribute("data-at")!;
    const value = at(results, place);
    const text = node.textContent!;
    if (node.classList.contains("none")) {
      check((value ?? null) === null && text === "—", place, value, text);
      check(node.getAttribute("title") !== "", place, "no title");
      continue;
    }
    const unit = node.getAttribute("data-unit") as Unit;
    const parts = node.hasAttribute("data-range") ? (value as number[]) : [value as number];
    const exact = (node.getAttribute("value") ?? node.getAttribute("data-value"))!.split("/").map(Number);
    check(String(exact) === String(parts), place, exact, parts);
    const shown = node.hasAttribute("data-range") ? text.split(/\u2013| to /) : [text.replace("chance ", "")];
    shown.forEach((part: string, i: number) => {
      const shownValue = read(part, unit);
      const near = Math.abs(shownValue - parts[i]!) <= PRECISION[unit] * 1.0001;
      check(part.startsWith("<") ? parts[i]! < shownValue : near, place, part, parts[i]);
    });
  }
  expect(wrong).toEqual([]);
  return nodes;
}
