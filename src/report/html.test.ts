import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { escapeText, html, raw, slug } from "./html.ts";
import { PAYLOADS } from "./injection-payloads.fixture.ts";

describe("html", () => {
  test.each(PAYLOADS)("a payload stays text in content and in attributes: %s", (payload) => {
    const page = html`<!doctype html><html><body><p title="${payload}">${payload}</p></body></html>`.markup;
    const { document } = parseHTML(page);
    expect([...document.querySelectorAll("*")].map((node) => node.localName)).toEqual(["html", "body", "p"]);
    const paragraph = document.querySelector("p")!;
    expect(paragraph.getAttributeNames()).toEqual(["title"]);
    expect(page.slice(page.indexOf("title="), page.indexOf("</p>"))).not.toMatch(/<\w|javascript:.*"[^>]/);
    expect(page).toContain(`<p title="${escapeText(payload)}">${escapeText(payload)}</p>`);
  });

  test("HTML is kept, lists are joined, absent parts are left out", () => {
    expect(html`<p>${raw("<b>")}${["&", html`<i>`]}${null}${undefined}${false}</p>`.markup).toBe(
      "<p><b>&amp;<i></p>",
    );
  });

  test("what an HTML file cannot hold becomes the replacement character", () => {
    expect(escapeText("a\u0000b\ud800c\u001b[31m\td")).toBe("a\ufffdb\ufffdc\ufffd[31m\td");
  });

  test("a slug is plain and lower case", () => {
    expect(slug("cell", "Crop, masked/joint/0")).toBe("cell-crop-masked-joint-0");
    expect(slug("<script>")).toBe("script");
  });
});
