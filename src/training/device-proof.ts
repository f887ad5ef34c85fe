/**
 * Checks that a device computes the same numbers as the CPU: one whole training step of a small model, and all cases of every
 * operator. A device that runs a graph may still compute it wrongly (docs/devices.md).
 */
import {
  checkOperators,
  type Device,
  difference,
  faultText,
  loadRuntime,
  requireDevice,
  TOLERANCE,
} from "../graph/index.ts";
import { createModel, memoryWeights } from "../qwen/index.ts";
import { promptOf } from "../reasoning/index.ts";
import { taskNamed } from "../tasks/index.ts";
import { LintelError, type OnProgress } from "../util/index.ts";
import { adamWStep, createAdamW } from "./optimizer.ts";
import { createPocket, runningModel } from "./pocket-model.ts";
import { recipeOf } from "./recipes/index.ts";
import { createStages } from "./stages.ts";

declare const proven: unique symbol;

/** Result of `proveDevice`: a device whose numbers were compared with the CPU's in this process. */
export interface DeviceProof {
  readonly device: Device;
  readonly seconds: number;
  /** Cases of operators that agreed. */
  readonly cases: number;
  /** Largest difference that was seen, as a share of the largest number. */
  readonly worst: number;
  readonly [proven]: true;
}

/** Enough examples for a batch, few enough for a second. */
const EXAMPLES = 4;
const RATE = 1e-3;
/** Of a comparison: the operators, the model. */
const PARTS = 2;

type Answers = Record<string, Float32Array>;

/** Features, a prompt, two steps behind it, loss and gradients, and the loss after a step of the optimizer. */
async function answersOn(device: Device): Promise<Answers> {
  const parameters = { rendering: "pocket" };
  const { generate, pocket } = taskNamed("tetris");
  const examples = [...generate("train", EXAMPLES, 0, parameters)];
  const recipe = recipeOf("joint");
  const model = await createPocket(examples, pocket(parameters), 0);
  const running = runningModel(model, 1, device);
  const answers: Answers = {};
  const optimizer = createAdamW(model.decoder);
  const { latentWeight } = recipe;
  const indices = examples.map((_, i) => i);
  // As checkpoints in files are decoded: one graph for prompts and for steps.
  const weights = { ...memoryWeights({ ...model.decoder.values, ...model.vision.values }), oneGraph: true };
  const network = createModel(model.config, weights, { threads: 1, device });
  try {
    const features = await running.features.get(examples.flatMap(({ images }) => images));
    for (const [i, { rows }] of features.entries()) answers[`features ${i}`] = rows;
    const prompts = await Promise.all(examples.map((example) => promptOf(running, example)));
    const { prefix, logits, feedback } = await network.prefill(prompts);
    Object.assign(answers, { "logits of prompts": logits, "states of prompts": feedback });
    // Two continuations of each: they begin with the states of the prompt and of another one.
    const width = model.config.text.hiddenSize;
    const turned = new Float32Array(feedback.length);
    turned.set(feedback.subarray(width));
    turned.set(feedback.subarray(0, width), feedback.length - width);
    const rows = new Float32Array(2 * feedback.length);
    for (const [i] of prompts.entries()) {
      rows.set(feedback.subarray(i * width, (i + 1) * width), 2 * i * width);
      rows.set(turned.subarray(i * width, (i + 1) * width), (2 * i + 1) * width);
    }
    const at = (n: number): Int32Array => Int32Array.from([...prefix.next].flatMap((p) => [p + n, p + n]));
    const first = await network.step(prefix, null, rows, at(0));
    const second = await network.step(prefix, first.suffix, first.feedback, at(1));
    Object.assign(answers, { "logits of a step": first.logits, "logits of a second step": second.logits });

    const options = { steps: 2, batch: EXAMPLES, latentWeight, seed: 0, threads: 1, device };
    const stages = await createStages({ recipe, model, running, examples, optimizer }, options);
    try {
      const losses = async (at: number): Promise<Float32Array> => {
        const { loss, textLoss, latentLoss } = await stages.run(indices, at);
        return Float32Array.of(loss, textLoss, latentLoss ?? 0);
      };
      answers.losses = await losses(0);
      for (const [name, gradient] of optimizer.gradients.views) {
        answers[`gradient of ${name}`] = Float32Array.from(gradient);
      }
      adamWStep(optimizer, model.decoder, RATE);
      answers["losses after a step of the optimizer"] = await losses(1);
    } finally {
      await stages.release();
    }
    return answers;
  } finally {
    await network.release();
    await running.network.release();
  }
}

const refusal = (device: Device, got: string): LintelError =>
  new LintelError("runtime", {
    where: `device ${device}`,
    id: "E_DEVICE",
    expected: "the same numbers as on the CPU",
    got,
    attempt: "the device cpu, or another driver; docs/devices.md says what was measured where",
  });

/**
 * Compares a device with the CPU, here and now: every operator's cases, forward and gradient, then a small model
 * (features, prompt, steps, loss, gradients, one step of the optimizer). The CPU itself is not compared.
 *
 * Errors: "installation" where ONNX Runtime does not load, "runtime" for a device that does not run graphs, and for one that gives other numbers, with the operators that do.
 *
 * @example
 * (await proveDevice("cpu")).device; // "cpu"
 */
export async function proveDevice(device: Device, onProgress?: OnProgress): Promise<DeviceProof> {
  const started = performance.now();
  const proof = (cases: number, worst: number): DeviceProof =>
    ({ device, cases, worst, seconds: (performance.now() - started) / 1000 }) as DeviceProof;
  if (device === "cpu") {
    await loadRuntime();
    return proof(0, 0);
  }
  const report = (done: number): void =>
    onProgress?.({ label: `compare ${device} with the CPU`, done, total: PARTS, unit: "parts" });
  report(0);
  await requireDevice(device);
  const { cases, faults, worst } = await checkOperators(device);
  if (faults.length > 0) throw refusal(device, `other numbers from ${faultText(faults)}`);
  report(1);
  const [expected, got] = [await answersOn("cpu"), await answersOn(device)];
  const off = Object.entries(expected).map(([name, values]) => ({
    name,
    error: difference(values, got[name] ?? []),
  }));
  const wrong = off.filter(({ error }) => !(error <= TOLERANCE));
  if (wrong.length > 0) {
    const named = wrong.slice(0, 3).map(({ name, error }) => `${name} (by ${(100 * error).toFixed(1)} %)`);
    const more = wrong.length > 3 ? ` and ${wrong.length - 3} more` : "";
    throw refusal(device, `operators that agree, but a small model with other ${named.join(", ")}${more}`);
  }
  report(PARTS);
  return proof(cases, Math.max(worst, ...off.map(({ error }) => error)));
}

/**
 * `proveDevice` where it was not done before in this process.
 *
 * @example
 * (await provenDevice("cpu")).device; // "cpu"
 */
export const provenDevice = async (
  device: Device,
  { proof, onProgress }: { proof?: DeviceProof; onProgress?: OnProgress } = {},
): Promise<DeviceProof> => (proof?.device === device ? proof : proveDevice(device, onProgress));
