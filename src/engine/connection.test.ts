/** Connections to the fake engine of test/fakes: silence, interruption, release. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { fakeEngine } from "../../test/engine.fixture.ts";
import { connectEngine } from "./connection.ts";
import { packageLine } from "./package-line.ts";

it("counts an engine as hung that gives no sign of life, and ends it", async () => {
  const engine = await connectEngine(fakeEngine("hang=1"), { silentSeconds: 1 });
  await expect(engine.request("describe")).rejects.toMatchObject({ id: "E_ENGINE_SILENT" });
  // What comes after says why, too.
  await expect(engine.request("describe")).rejects.toMatchObject({ id: "E_ENGINE_SILENT" });
  await engine.close();
});

it("waits for one that is slow but alive", async () => {
  const engine = await connectEngine(fakeEngine("slow=3"), { silentSeconds: 1 });
  await expect(engine.request("files", { model: "/nowhere" })).rejects.toMatchObject({
    id: "E_ENGINE_FAILED",
  });
  await engine.close();
});

it("ends with the reason of an interruption, not with the engine's end", async () => {
  const controller = new AbortController();
  const engine = await connectEngine(fakeEngine("slow=20"), { signal: controller.signal });
  const asked = engine.request("describe");
  controller.abort(new Error("Ctrl-C"));
  await expect(asked).rejects.toThrow("Ctrl-C");
  await engine.close();
});

it("goes on after an error, answers in order, and ends when it is closed", async () => {
  const engine = await connectEngine(fakeEngine());
  const wrong = engine.request("nonsense");
  const right = engine.request("release", { handles: [] });
  await expect(wrong).rejects.toMatchObject({
    id: "E_RUNTIME",
    message: expect.stringContaining("nonsense"),
  });
  expect((await right).header).toMatchObject({ id: 2, ok: true });
  await engine.close();
  await expect(engine.request("release", { handles: [] })).rejects.toMatchObject({ id: "E_ENGINE_LOST" });
  expect(readFileSync(engine.log, "utf8")).toContain("nonsense");
});

it("sends the package in one line that no shell on the way can take for its own", async () => {
  const line = await packageLine();
  expect(line.endsWith("\n")).toBe(true);
  expect(line.indexOf("\n")).toBe(line.length - 1);
  // It travels over standard input, where shells read nothing; arguments are only these two.
  expect(line).toMatch(/^import base64, json, zlib; SOURCES = /);
});
