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
});
