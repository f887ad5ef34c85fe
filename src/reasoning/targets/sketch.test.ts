/** SkiLa's targets against its own extractor and training forward (test/goldens/families/skila). */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openFamily, plain } from "../../../test/families.fixture.ts";
import { worstDifference } from "../../../test/tiny.fixture.ts";
import { families } from "../../families/index.ts";
import { readSafetensorsHeader } from "../../formats/index.ts";
import { openCheckpoint } from "../../qwen/index.ts";
import { LintelError, random } from "../../util/index.ts";
import { oracleKind, oraclesOf, randomRegionFeatures } from "../oracles.ts";
import { sketchTargets } from "./sketch.ts";

const root = new URL("../../../test/goldens/families/", import.meta.url).pathname;
const encoder = `${root}skila/encoder`;
const helpers = [0, 1].map((n) => new Uint8Array(readFileSync(`${encoder}/sketch-${n}.png`)));

let golden: Awaited<ReturnType<typeof openFamily>>;
let scratch: string;
beforeAll(async () => {
  golden = await openFamily("skila");
  scratch = mkdtempSync(join(tmpdir(), "lintel-sketch-"));
});
afterAll(async () => {
  rmSync(scratch, { recursive: true });
  await golden.release();
});

/** A checkpoint of the training: the network's weights, and the projection, in files of their own. */
async function trained(name: string, parts: readonly string[]) {
  const directory = join(scratch, name);
  cpSync(`${root}skila/config.json`, join(directory, "config.json"), { recursive: true });
  const where: Record<string, string> = {};
  for (const [i, part] of parts.entries()) {
    const file = `part-${i}.safetensors`;
    cpSync(part, join(directory, file));
    for (const tensor of (await readSafetensorsHeader(part)).tensors.keys()) where[tensor] = file;
  }
  writeFileSync(join(directory, "model.safetensors.index.json"), JSON.stringify({ weight_map: where }));
  return directory;
}
const weights = `${root}weights/qwen2_5-vl.safetensors`;
const projection = `${encoder}/projection.safetensors`;
const failure = (of: Promise<unknown>): Promise<LintelError> =>
  of.then(
    () => expect.fail("it did not fail"),
    (error) => {
      expect(error).toBeInstanceOf(LintelError);
      return error;
    },
  );

describe("SkiLa's targets", () => {
  it("are what its training writes into the slots", async () => {
    const checkpoint = await openCheckpoint(await trained("whole", [weights, projection]));
    expect(checkpoint.warnings).toEqual([]);
    const { skila } = families;
    const targets = await sketchTargets(skila, checkpoint, encoder, { threads: 1, oracleK: 4 });
    const model = { ...golden.modelOf(golden.golden.cases[0]!), targets };
    for (const [n, { name, k, sketches }] of golden.golden.targets!.entries()) {
      const example = { ...plain, helpers: helpers.slice(0, sketches) };
      expect(oracleKind(model, example)).toBe("sketch");
      const ours = await oraclesOf(model, example, k);
      expect([name, ours.map(({ length }) => length / 32)]).toEqual([name, Array(sketches).fill(k)]);
      const theirs = golden.tensors.get(`targets.${n}.latents`)!.data;
      expect(
        worstDifference(
          ours.flatMap((each) => [...each]),
          theirs,
        ),
      ).toBeLessThan(1e-4);
    }
    // As many as a sketch has in training, not as many as the loop allows.
    expect((await oraclesOf(model, { ...plain, helpers }))[0]!.length).toBe(3 * 32);
    const region = { ...plain, images: [helpers[1]!], helpers };
    expect((await randomRegionFeatures(model, region, random(0, "region"))).length).toBe(16 * 32);
    await targets.release();
  });

  it("say which tensor is missing of a released checkpoint, and what of an encoder", async () => {
    const released = await openCheckpoint(await trained("released", [weights]));
    const open = (directory: string, oracleK = 4, of = released) =>
      failure(sketchTargets(families.skila, of, directory, { threads: 1, oracleK }));
    const missing = await open(encoder);
    expect([missing.code, missing.message]).toEqual([
      "checkpoint",
      expect.stringMatching(/sketch_extractor\.sketch_proj\.weight.*checkpoint of the training/s),
    ]);
    expect((await open(join(scratch, "nothing"))).message).toMatch(/config\.json.*no such file/s);
    expect((await open(`${root}skila`)).message).toMatch(/a SigLIP of fixed resolution.*model_type/s);
    expect((await open(encoder, 1)).message).toMatch(/sketch_token_num.*more than one/s);
    const broken = join(scratch, "encoder");
    cpSync(encoder, broken, { recursive: true });
    const config = JSON.parse(readFileSync(join(broken, "config.json"), "utf8"));
    config.vision_config.num_hidden_layers = 3;
    writeFileSync(join(broken, "config.json"), JSON.stringify(config));
    expect((await open(broken)).message).toMatch(/no vision_model\.encoder\.layers\.2\..*and \d+ more/s);
    const whole = await openCheckpoint(await trained("other", [weights, projection]));
    config.vision_config.num_hidden_layers = 2;
    config.vision_config.hidden_act = "quick_gelu";
    writeFileSync(join(broken, "config.json"), JSON.stringify(config));
    expect((await open(broken, 4, whole)).message).toMatch(/hidden_act/);
  });
});
