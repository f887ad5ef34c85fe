import { expect, it } from "vitest";
import { crc32c, eventFile } from "./tfevents.ts";

it("CRC-32C has the values of RFC 3720, appendix B.4", () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
});

it("records have lengths that chain to the end of the file", () => {
  const file = eventFile([
    { tag: "loss", step: 300, value: 0.5, time: 2 },
    { tag: "accuracy/own", step: 70_000, value: 1, time: 3.5 },
  ]);
  const lengths: number[] = [];
  for (let at = 0; at < file.length; at += 16 + lengths.at(-1)!)
    lengths.push(Number(file.readBigUInt64LE(at)));
  expect(lengths).toHaveLength(3);
  expect(lengths.reduce((sum, length) => sum + length + 16, 0)).toBe(file.length);
  expect(file.includes("brain.Event:2")).toBe(true);
  expect(file.includes("accuracy/own")).toBe(true);
});
