import { expect, test } from "vitest";
import { encodePng } from "../formats/index.ts";
import { random } from "../util/index.ts";
import { inlineImage, shownSize } from "./images.ts";

function picture(width: number, height: number): Uint8Array {
  const stream = random(0, "noise");
  const pixels = Uint8Array.from({ length: width * height * 3 }, () => stream.integer(256));
  return encodePng({ width, height, pixels });
}

test("a light PNG goes in byte for byte", async () => {
  const png = picture(9, 7);
  const image = await inlineImage(png);
  expect(image).toEqual({
    uri: `data:image/png;base64,${Buffer.from(png).toString("base64")}`,
    width: 9,
    height: 7,
  });
});

test("a heavy one is scaled to fit, the same every time", async () => {
  const png = picture(700, 350);
  const image = await inlineImage(png);
  expect([image.width, image.height]).toEqual([320, 160]);
  expect(image.uri.startsWith("data:image/jpeg;base64,")).toBe(true);
  expect(image.uri.length).toBeLessThan(png.length);
  expect(await inlineImage(png)).toEqual(image);
});

test("bytes that are no image are an error", async () => {
  await expect(inlineImage(new Uint8Array([1, 2, 3]))).rejects.toThrow();
});

test("small images grow by whole factors, large ones shrink, those of about the right size stay", () => {
  const shown = (width: number, height: number) => shownSize({ uri: "", width, height }, 60);
  expect(shown(10, 5)).toEqual({ width: 60, height: 30, pixelated: true });
  expect(shown(19, 19)).toEqual({ width: 57, height: 57, pixelated: true });
  expect(shown(70, 35)).toEqual({ width: 70, height: 35, pixelated: true });
  expect(shown(300, 150)).toEqual({ width: 60, height: 30, pixelated: false });
});
