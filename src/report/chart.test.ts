import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { chart, tag } from "./chart.ts";
import { PAYLOADS } from "./injection-payloads.fixture.ts";

const words = { id: "c", title: "A title", description: "A description" };

function draw(text: string, title = words.title): string {
  const mark = Plot.text([text], {
    x: () => 0.5,
    text: (d: string) => d,
    ariaLabel: () => tag(0.25, "percent", "#/a"),
  });
  return chart({ width: 200, height: 80, x: { domain: [0, 1] }, marks: [mark] }, { ...words, title });
}

test("one SVG with title and description, sizes in pixels, no style of its own", () => {
  const svg = draw("x");
  expect(svg).toMatch(
    /^<svg [^>]*>(<title id="c-title">A title<\/title><desc id="c-desc">A description<\/desc>)/,
  );
  expect(svg).toMatch(/ height="80" width="200"/);
  expect(svg).toContain('aria-labelledby="c-title c-desc"');
  expect(svg).not.toMatch(/<style|style=|font-family/);
});

test("the same data give the same bytes", () => {
  expect(draw("x")).toBe(draw("x"));
});

test("tagged text carries value, unit and place", () => {
  const { document } = parseHTML(`<!doctype html><html><body>${draw("25 %")}</body></html>`);
  const tagged = [...document.querySelectorAll("[data-at]")];
  expect(tagged.map((node) => [node.localName, node.textContent])).toEqual([["text", "25 %"]]);
  expect(["data-value", "data-unit", "data-at"].map((name) => tagged[0]!.getAttribute(name))).toEqual([
    "0.25",
    "percent",
    "#/a",
  ]);
  expect(draw("x")).not.toContain("aria-label=");
});

test.each(PAYLOADS)("a payload in a chart stays text: %s", (payload) => {
  const { document } = parseHTML(`<!doctype html><html><body>${draw(payload, payload)}</body></html>`);
  const names = new Set([...document.querySelectorAll("*")].map((node) => node.localName));
  expect([...names].sort()).toEqual(["body", "desc", "g", "html", "path", "svg", "text", "title"]);
  const attributes = [...document.querySelectorAll("*")].flatMap((node) => node.getAttributeNames());
  expect(attributes.filter((name) => /^on|^href|^src|^style/.test(name))).toEqual([]);
});
