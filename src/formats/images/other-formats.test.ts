import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import golden from "../../../test/goldens/images/other-images.json" with { type: "json" };
import { decodeImage } from "./decode.ts";

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, "base64"));

describe("formats that sharp does not read", () => {
  it.each(Object.entries(golden.decoded))("%s: the pixels of Pillow", async (_, { bytes, rgb }) => {
    const { width, height, pixels } = await decodeImage(bytesOf(bytes));
    expect([width, height]).toEqual([7, 5]);
    expect([...pixels]).toEqual([...bytesOf(rgb)]);
  });

  it.each(Object.entries(golden.refused))(
    "%s: an error that says what it is",
    async (_, { bytes, error }) => {
      await expect(decodeImage(bytesOf(bytes), "x.img", "dataset")).rejects.toThrow(error);
    },
  );

  const svg = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>";
  it.each([
    ["packed", gzipSync(svg)],
    ["behind two comments", Buffer.from(`<!-- a --><!-- b -->${svg}`)],
    ["with entities", Buffer.from(`<!DOCTYPE svg [<!ENTITY a "b">]>${svg}`)],
    ["in UTF-16", Buffer.from(`\ufeff${svg}`, "utf16le")],
    ["of a name space", Buffer.from(svg.replace("<svg xmlns", "<x:svg xmlns:x"))],
  ])("SVG %s: refused as well", async (_, bytes) => {
    await expect(decodeImage(bytes, "x.img", "dataset")).rejects.toThrow(/SVG|do not decode/);
  });
});
