/** A model beside the server answers as `lintel audit` recorded it, for the page that asks and for nobody else. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askModel } from "../../src/explorer/ask.ts";
import type { AskRequest, LookedContent, Reply, RunContent } from "../../src/explorer/types.ts";
import { loadLatentModel } from "../../src/reasoning/index.ts";
import { knownModels, saveKnownModel } from "../../src/selftest/index.ts";
import { readSplit } from "../../src/tasks/index.ts";
import { lintel } from "../cli/run.ts";
import { fakeEngine } from "../engine.fixture.ts";
import {
  type Audited,
  probabilitiesOf,
  type Serving,
  serving,
  stop,
  writeAudited,
} from "./beside.fixture.ts";

const scratch = mkdtempSync(join(tmpdir(), "lintel-beside-"));
let audited: Audited;
let server: Serving;
beforeAll(async () => {
  audited = await writeAudited(scratch);
  const { audit, data, model } = audited;
  server = await serving(audit, "--data", data, "--model", model, "--beside-server");
}, 120_000);
afterAll(async () => {
  await stop(server);
  rmSync(scratch, { recursive: true });
});

const send = (url: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}ask`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: new URL(url).origin, ...headers },
    body,
  });
const ask = async <T>(request: AskRequest, { url }: Serving = server): Promise<T> => {
  const answer = await send(url, JSON.stringify(request));
  const content = (await answer.json()) as T & { error?: string };
  expect([answer.status, content.error]).toEqual([200, undefined]);
  return content;
};
const worst = (found: readonly number[], expected: readonly number[]): number => {
  expect(found).toHaveLength(expected.length);
  return Math.max(...found.map((value, i) => Math.abs(value - expected[i]!)));
};

describe("a model beside the server", () => {
  it("says in the contents that it answers, without a path of this machine", async () => {
    const text = await (await fetch(`${server.url}data/run.json`)).text();
    const { audits } = JSON.parse(text) as RunContent;
    expect(audits.map(({ model, beside }) => [model, beside])).toEqual([[null, true]]);
    expect(text).not.toContain(scratch);
  });

  it("has something to agree on: the oracle moves answers", () => {
    const moved = audited.outcomes.map((each) =>
      worst(probabilitiesOf(each, "own"), probabilitiesOf(each, "oracle")),
    );
    expect(Math.max(...moved)).toBeGreaterThan(0.5);
  });

  it.each([
    ["own", "oracle", 0],
    ["oracle", "oracle", 1],
    ["zeros", "zeros", 1],
    ["mean", "mean", 1],
    ["blend(0.25)", "oracle", 0.25],
    ["blend(0.6)", "oracle", 0.6],
  ])("answers under %s as the audit recorded it", async (name, source, mix) => {
    for (const row of [0, 5]) {
      const outcomes = audited.outcomes[row]!;
      const reply = await ask<Reply>({ audit: 0, row, kind: "answer", wanted: { source, mix } });
      expect(worst(reply.probabilities!, probabilitiesOf(outcomes, name))).toBeLessThan(1e-5);
      expect([reply.text, reply.choice]).toEqual([
        outcomes.outcomes[name]!.text,
        outcomes.outcomes[name]!.choice,
      ]);
    }
  });

  it("takes helpers of other options, drawn ones, and own latents of other examples", async () => {
    const { examples } = await readSplit(audited.data, "eval", { limit: 6 });
    const model = await loadLatentModel(audited.model);
    try {
      const here = await askModel(model, examples[0]!);
      const { latents } = await askModel(model, examples[5]!);
      const option = examples[0]!.counterfactuals.findIndex((each) => each !== null);
      const wanted = { source: `option-${option}`, mix: 0.5 };
      const towards = await ask<Reply>({ audit: 0, row: 0, kind: "answer", wanted });
      expect(worst(towards.probabilities!, (await here.answer(wanted)).probabilities!)).toBeLessThan(1e-5);
      const other = { source: "other", mix: 1 };
      const mixed = await ask<Reply>({ audit: 0, row: 0, kind: "answer", wanted: other, other: 5 });
      expect(
        worst(mixed.probabilities!, (await here.answer(other, { other: latents })).probabilities!),
      ).toBeLessThan(1e-5);
      // Own latents of a question are its own answer.
      const itself = await ask<Reply>({ audit: 0, row: 0, kind: "answer", wanted: other, other: 0 });
      expect(worst(itself.probabilities!, here.own.probabilities!)).toBeLessThan(1e-5);
      const sharp = (await import("sharp")).default;
      const image = sharp(examples[0]!.helpers[0]!).removeAlpha();
      const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
      const drawn = { width: info.width, height: info.height, pixels: data.toString("base64") };
      const copied = await ask<Reply>({
        ...{ audit: 0, row: 0, kind: "answer", wanted: { source: "drawn", mix: 1 }, drawn },
      } as AskRequest);
      expect(worst(copied.probabilities!, probabilitiesOf(audited.outcomes[0]!, "oracle"))).toBeLessThan(
        1e-5,
      );
    } finally {
      await model.network.release();
    }
  });

  it("looks into itself as in this process", async () => {
    const { examples } = await readSplit(audited.data, "eval", { limit: 1 });
    const model = await loadLatentModel(audited.model);
    const found = await ask<LookedContent>({ audit: 0, row: 0, kind: "inside" });
    try {
      const { inside } = await (await askModel(model, examples[0]!)).inside(null);
      expect(found.inside).toMatchObject({ layers: inside!.layers, heads: inside!.heads, lacking: [] });
      const attention = new Float32Array(
        Uint8Array.from(Buffer.from(found.inside!.attention, "base64")).buffer,
      );
      expect(worst([...attention], [...inside!.attention])).toBeLessThan(1e-5);
      expect(worst(found.inside!.patching!.logOdds.flat(), inside!.patching!.logOdds.flat())).toBeLessThan(
        1e-3,
      );
      expect(found.inside!.flip).not.toBeNull();
    } finally {
      await model.network.release();
    }
  });

  it.each<[string, string, Record<string, string>, number]>([
    ["without an origin", "", { origin: "" }, 403],
    ["of a foreign page", "", { origin: "https://evil.example" }, 403],
    ["of another port's page", "", { origin: "http://127.0.0.1:9999" }, 403],
    ["that is no JSON by its type", "{}", { "content-type": "text/plain" }, 415],
    ["that is no JSON", "{", {}, 400],
    [
      "with an unknown source",
      '{"audit":0,"row":0,"kind":"answer","wanted":{"source":"../x","mix":1}}',
      {},
      400,
    ],
    [
      "with a mix beyond the end",
      '{"audit":0,"row":0,"kind":"answer","wanted":{"source":"zeros","mix":2}}',
      {},
      400,
    ],
    ["with more than it may have", '{"audit":0,"row":0,"kind":"own","path":"/etc/passwd"}', {}, 400],
    [
      "about a drawing that is none",
      '{"audit":0,"row":0,"kind":"answer","wanted":{"source":"drawn","mix":1},"drawn":{"width":9,"height":9,"pixels":"AAAA"}}',
      {},
      400,
    ],
    ["about no row", '{"audit":0,"row":99,"kind":"own"}', {}, 404],
    ["about no audit", '{"audit":7,"row":0,"kind":"own"}', {}, 404],
  ])("refuses a question %s", async (_, body, headers, status) => {
    const answer = await send(server.url, body, headers);
    expect(answer.status).toBe(status);
    expect(await answer.text()).not.toContain(scratch);
  });

  it("refuses a question that is too large", async () => {
    // A connection of its own: the server ends it with the rest of the body unread.
    const { hostname, port, pathname, origin } = new URL(server.url);
    const status = await new Promise((resolve, reject) => {
      const headers = { "content-type": "application/json", origin, connection: "close" };
      const asked = request(
        { hostname, port, path: `${pathname}ask`, method: "POST", headers, agent: false },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        },
      );
      asked.on("error", reject);
      asked.end(`{"audit":0,"row":0,"kind":"own","x":"${"y".repeat(3 << 20)}"}`);
    });
    expect(status).toBe(413);
  });

  it("asks for the token and for POST", async () => {
    const stolen = server.url.replace(/[0-9a-f]{32}/, "0".repeat(32));
    expect((await send(stolen, '{"audit":0,"row":0,"kind":"own"}')).status).toBe(404);
    expect((await fetch(`${server.url}ask`)).status).toBe(404);
    expect((await fetch(`${server.url}ask`, { method: "PUT", body: "{}" })).status).toBe(405);
    const elsewhere = await fetch(`${server.url}data/run.json`, {
      method: "POST",
      headers: { origin: new URL(server.url).origin },
    });
    expect(elsewhere.status).toBe(405);
  });

  it("answers the next question after one that was given up", async () => {
    const controller = new AbortController();
    const inside = (row: number): AskRequest => ({ audit: 0, row, kind: "inside" });
    const given = [3, 4, 6].map((row) =>
      fetch(`${server.url}ask`, {
        method: "POST",
        headers: { "content-type": "application/json", origin: new URL(server.url).origin },
        body: JSON.stringify(inside(row)),
        signal: controller.signal,
      }).catch((error: Error) => error.name),
    );
    controller.abort();
    expect(await Promise.all(given)).toEqual(Array(3).fill("AbortError"));
    const reply = await ask<Reply>({ audit: 0, row: 7, kind: "own" });
    expect(worst(reply.probabilities!, probabilitiesOf(audited.outcomes[7]!, "own"))).toBeLessThan(1e-5);
  });

  it("knows the audit's model, and says where it is another one", async () => {
    expect(await ask({ audit: 0, row: 0, kind: "check" })).toEqual({ notes: [] });
    const other = join(scratch, "other");
    await saveKnownModel(other, knownModels.find(({ name }) => name === "private-code")!);
    const { audit, data } = audited;
    const second = await serving(audit, "--data", data, "--model", other, "--beside-server");
    try {
      const { notes } = await ask<{ notes: string[] }>({ audit: 0, row: 0, kind: "check" }, second);
      expect(notes).toEqual([
        expect.stringMatching(/^This is not the model of the audit: model: .* is SHA-256 .*, was SHA-256 /),
      ]);
    } finally {
      await stop(second);
    }
  });

  it.runIf(process.platform === "linux")("ends its process with the server", async () => {
    const { audit, data, model } = audited;
    const third = await serving(audit, "--data", data, "--model", model, "--beside-server");
    await ask({ audit: 0, row: 0, kind: "own" }, third);
    const { pid } = third.process;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
    expect(children).toHaveLength(1);
    await stop(third);
    expect(() => process.kill(children[0]!, 0)).toThrow("ESRCH");
  });
});

describe("an engine beside the server", () => {
  it.each([2, 1])(
    "answers as the audit recorded it, and says what version %i does not offer",
    async (version) => {
      const { audit, data, model } = audited;
      const faults = ["note=out of memory: 4 → 2 rows at once", `protocol=${version}`];
      const engine = ["--engine", "torch", "--python", fakeEngine(...faults)];
      const remote = await serving(audit, "--data", data, "--model", model, ...engine);
      try {
        for (const [name, mix] of [
          ["own", 0],
          ["blend(0.25)", 0.25],
        ] as const) {
          const wanted = { source: "oracle", mix };
          const reply = await ask<Reply>({ audit: 0, row: 2, kind: "answer", wanted }, remote);
          expect(worst(reply.probabilities!, probabilitiesOf(audited.outcomes[2]!, name))).toBeLessThan(1e-5);
        }
        const { inside } = await ask<LookedContent>({ audit: 0, row: 2, kind: "inside" }, remote);
        if (version === 1) {
          expect(inside).toMatchObject({ heads: 1, lens: null, patching: null });
          expect(inside!.lacking.join(" ")).toMatch(/the logit lens and patching/);
        } else {
          const here = await ask<LookedContent>({ audit: 0, row: 2, kind: "inside" });
          expect(inside!.lacking).toEqual([]);
          expect(inside!.heads).toBeGreaterThan(1);
          const words = ({ lens }: NonNullable<LookedContent["inside"]>) => lens!.flat(2);
          const [theirs, ours] = [words(inside!), words(here.inside!)];
          expect(theirs.map(({ token }) => token)).toEqual(ours.map(({ token }) => token));
          const shares = (of: typeof ours) => of.map(({ probability }) => probability);
          expect(worst(shares(theirs), shares(ours))).toBeLessThan(1e-6);
          expect(worst(inside!.patching!.logOdds.flat(), here.inside!.patching!.logOdds.flat())).toBeLessThan(
            1e-5,
          );
        }
        expect(inside!.logOdds.oracle).not.toBeNull();
        expect(inside!.gradient.slots.every(({ norm }) => norm > 0)).toBe(true);
      } finally {
        await stop(remote);
      }
      expect((await remote.process.ended).err).toContain("out of memory: 4 → 2 rows at once");
    },
  );

  it("that does not start says why where it is asked", async () => {
    const { audit, data, model } = audited;
    const engine = ["--engine", "torch", "--python", fakeEngine("lacks=torch")];
    const remote = await serving(audit, "--data", data, "--model", model, ...engine);
    try {
      const answer = await send(remote.url, '{"audit":0,"row":0,"kind":"own"}');
      expect(answer.status).toBe(422);
      expect(await answer.json()).toEqual({ error: expect.stringMatching(/torch/) });
    } finally {
      await stop(remote);
    }
  });
});

describe("options of models", () => {
  it("that a page does not have are refused for an export", async () => {
    const out = join(scratch, "site");
    const refused = await lintel("explore", audited.audit, "--static", out, "--weights", "int8");
    expect(refused.code).toBe(2);
    expect(refused.err).toContain("models that run in the page");
    const nameless = await lintel("explore", audited.audit, "--engine", "torch", "--static", out);
    expect(nameless.code).toBe(2);
  });

  it("that have no effect are refused", async () => {
    for (const [words, message] of [
      [["--dtype", "float16"], /--dtype needs --engine torch/],
      [["--download"], /--download needs --model/],
    ] as const) {
      const ran = await lintel("explore", audited.audit, ...words);
      expect([ran.code, ran.out]).toEqual([2, ""]);
      expect(ran.err).toMatch(message);
    }
  });

  // The page itself is built by scripts/explorer/check.sh.
  it.runIf(process.env.LINTEL_EXPLORER)(
    "put the model that is named into the page of an export",
    async () => {
      const out = join(scratch, "exported");
      const { audit, data, model } = audited;
      const { code, err } = await lintel("explore", audit, "--data", data, "--model", model, "--static", out);
      expect(code, err).toBe(0);
      expect(readFileSync(join(out, "data/run.js"), "utf8")).toContain('"model":0,"beside":false');
      expect(readFileSync(join(out, "data/mean/0.js"), "utf8")).toMatch(/"blocks":\["/);
    },
  );
});
