import { describe, expect, it } from "vitest";
import { goldenJson, goldenTensors, tinyCheckpoint, worstDifference } from "../../test/tiny.fixture.ts";
import { createSession, float32, int64, type Value } from "../graph/index.ts";
import { decoderRotary } from "../qwen/index.ts";
import { deepStackInputs } from "./deepstack-inputs.ts";
import { trainingGraph } from "./training-graph.ts";

describe.each(["tied", "untied", "qwen3"] as const)("one training step of a tiny %s checkpoint", (which) => {
  it("has PyTorch's loss and gradients (1e-4 relative)", async () => {
    const { config, weights } = await tinyCheckpoint(which);
    const golden = goldenJson(`train-${which}.json`);
    const expected = await goldenTensors(`train-${which}.safetensors`);
    const ids = golden.ids as number[][];
    const [B, T] = [ids.length, ids[0]!.length];
    const D = config.text.hiddenSize;
    const { graph, parameters } = trainingGraph({
      config: config.text,
      batch: B,
      length: T,
      answers: T,
      latentWeight: golden.gamma,
      paddedMask: true,
      deepLayers: config.vision.deepstackBlocks.length,
    });
    /** Rows stand token by token; all of them are asked for. */
    const at = ([row, position]: [number, number]) => position * B + row;
    const everywhere = Array.from({ length: B * T }, (_, i) => i);
    const images = expected.get("image_features")!;
    const latents = expected.get("latents")!;
    const targets = expected.get("hidden_targets")!;
    const features = Float32Array.from([...images, ...latents, ...targets]);
    const [imageRows, latentRows] = [images.length / D, latents.length / D];
    const source = everywhere.map((i) => ids[i % B]![Math.floor(i / B)]!);
    [...golden.imageAt, ...golden.latentAt].forEach((place: [number, number], i: number) => {
      source[at(place)] = config.text.vocabSize + i;
    });
    const mask = new Float32Array(B * T * T).fill(-1e9);
    for (let b = 0; b < B; b++)
      for (let q = 0; q < T; q++)
        for (let k = 0; k <= q; k++) if (golden.mask[b][k] === 1) mask[(b * T + q) * T + k] = 0;
    const { cos, sin } = decoderRotary(config.text)(
      (golden.positions as number[][][]).flatMap((axis) =>
        everywhere.map((i) => axis[i % B]![Math.floor(i / B)]!),
      ),
    );
    const half = config.text.headDim / 2;
    const labels = golden.labels as [number, number, number][];
    const hiddenAt = golden.hiddenAt as [number, number][];
    const inputs: Record<string, Value> = {
      source: int64(source, [B * T]),
      features: float32(features, [features.length / D, D]),
      cos: float32(cos, [B * T, half]),
      sin: float32(sin, [B * T, half]),
      rows: int64(everywhere, [T, B]),
      mask: float32(mask, [B * T, T]),
      textShare: float32(Float32Array.of(1), []),
      latentShare: float32(Float32Array.of(1), []),
      asked: int64(everywhere, [B * T]),
      askedMask: int64(everywhere, [B * T]),
      supervised: int64(
        labels.map(([b, t]) => at([b, t])),
        [labels.length],
      ),
      targets: int64(
        labels.flatMap(([, , id], i) => [i, id]),
        [labels.length, 2],
      ),
      beforeSlot: int64(hiddenAt.map(at), [hiddenAt.length]),
      oracleRow: int64(
        hiddenAt.map((_, i) => imageRows + latentRows + i),
        [hiddenAt.length],
      ),
    };
    const deep = config.vision.deepstackBlocks.map((_, i) => expected.get(`image_deep.${i}`)!);
    const zeros = new Float32Array(features.length - images.length);
    Object.assign(
      inputs,
      deepStackInputs(
        deep.map((rows) => Float32Array.from([...rows, ...zeros])),
        Array.from({ length: features.length / D }, (_, i) => i),
        D,
        Int32Array.from(source),
        config.text.vocabSize,
      ),
    );
    for (const name of parameters.keys()) inputs[name] = weights[name]!;
    const session = await createSession(graph, { threads: 1 });
    const out = await session.run(inputs);
    await session.release();
    expect(Math.abs(Number(out.loss!.data[0]) - golden.loss)).toBeLessThan(1e-5);
    expect(Math.abs(Number(out.latentLoss!.data[0]) - golden.mse)).toBeLessThan(1e-5);
    const wanted = [...expected.keys()].filter((name) => name.startsWith("grad."));
    expect(wanted.map((name) => name.slice(5)).sort()).toEqual([...parameters.keys()].sort());
    for (const name of wanted) {
      const want = expected.get(name)!;
      const got = out[`gradient:${name.slice(5)}`]!.data as Float32Array;
      const size = Math.max(...want.map(Math.abs));
      expect(worstDifference(got, want) / size, name).toBeLessThan(1e-4);
    }
  });
});
