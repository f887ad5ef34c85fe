import { describe, expect, it } from "vitest";
import { parseWorkerEvent } from "./worker-events.ts";

describe("parseWorkerEvent", () => {
  it("reads progress and errors", () => {
    const progress = { type: "progress", label: "a", done: 1, total: 2, unit: "steps", note: "loss 1" };
    expect(parseWorkerEvent(JSON.stringify(progress))).toEqual(progress);
    const error = { type: "error", code: "usage", message: "no" };
    expect(parseWorkerEvent(JSON.stringify(error))).toEqual(error);
  });

  it("says null for everything else", () => {
    for (const line of [
      "",
      "warning: something",
      "{",
      '{"type":"progress","label":"a","done":1,"tot',
      '{"type":"progress","label":"a","done":"1","total":2,"unit":"steps"}',
      '{"type":"error","code":"usage"}',
      '{"type":"other"}',
      "[]",
    ]) {
      expect(parseWorkerEvent(line)).toBeNull();
    }
  });
});
