import { availableParallelism, totalmem } from "node:os";
import { describe, expect, it } from "vitest";
import { physicalCores, quotaCores, usableCores, usableMemory } from "./machine.ts";

const processor = (socket: number, core: number): string =>
  `processor\t: 0\nmodel name\t: Some CPU\nphysical id\t: ${socket}\ncore id\t\t: ${core}\n`;

describe("usable cores", () => {
  it("counts hyper-threads of one core once, and equal core ids of two sockets twice", () => {
    expect(physicalCores([processor(0, 0), processor(0, 1), processor(0, 0)].join("\n"))).toBe(2);
    expect(physicalCores([processor(0, 0), processor(1, 0)].join("\n"))).toBe(2);
  });

  it("says null where the file does not name cores", () => {
    expect(physicalCores("processor\t: 0\nBogoMIPS\t: 48\n")).toBeNull();
    expect(physicalCores("")).toBeNull();
  });

  it("reads the quota of a container, never below one core", () => {
    expect(quotaCores("250000 100000\n")).toBe(2);
    expect(quotaCores("50000 100000")).toBe(1);
    expect(quotaCores("max 100000")).toBeNull();
    expect(quotaCores("")).toBeNull();
  });

  it("stays within what the system reports", () => {
    expect(usableCores()).toBeGreaterThanOrEqual(1);
    expect(usableCores()).toBeLessThanOrEqual(availableParallelism());
    expect(usableMemory()).toBeGreaterThan(0);
    expect(usableMemory()).toBeLessThanOrEqual(totalmem());
  });
});
