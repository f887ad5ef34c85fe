// An engine for tests: the protocol of docs/engine-protocol.md, over the ONNX network of the built dist/, without Python.
//   node engine.mjs [MISBEHAVIOR=VALUE …] -u -m code
// Misbehaviors: die=N (SIGKILL itself at the N-th request), exit=N, hang=N (no answer, no sign of life), slow=SECONDS, error=OP:KIND:MESSAGE,
// protocol=N (1: layers cannot be inspected), lacks=MODULE, noise=TEXT, pid=FILE (writes its id there), garbage=N (bytes that are no frame),
// note=TEXT (at the first run), handles=FILE (at its end: how many handles there were at most, are left, and were made), halves=1 (loads in half precision, which it computes in float32).
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeFrame, frameReader } from "../../../dist/engine/frames.js";
import { readSafetensors, readSafetensorsHeader, toFloat32 } from "../../../dist/formats/index.js";
import { checkpointFingerprint } from "../../../dist/qwen/index.js";
import { engineOf, loadLatentModel } from "../../../dist/reasoning/index.js";

const faults = Object.fromEntries(
  process.argv.flatMap((arg) => (/^[a-z]+=/.test(arg) ? [[arg.split("=")[0], arg.slice(arg.indexOf("=") + 1)]] : [])),
);
const write = (header, tensors = {}) => {
  for (const part of encodeFrame({ header, tensors })) process.stdout.write(part);
};
const vectorsOf = (rows, width) => {
  const data = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) data.set(row, i * width);
  return { shape: [rows.length, width], data };
};
const weightsOf = (model) => readdirSync(model).filter((name) => name.endsWith(".safetensors"));

let loaded = null;
let engine = null;
const handles = new Map();
let next = 1;
let most = 0;
const keep = (value) => {
  handles.set(next, value);
  most = Math.max(most, handles.size);
  return next++;
};
const held = (handle) => {
  const found = handles.get(handle);
  if (!found) throw Object.assign(new Error(`no handle ${handle}`), { kind: "input" });
  return found;
};
const promptOf = ({ ids, grids = [], hidden }, i, tensors) => {
  const deep = tensors[`deep.${i}`];
  const size = deep ? deep.data.length / deep.shape[0] : 0;
  return {
    ids,
    grids,
    hidden,
    visuals: tensors[`visuals.${i}`]?.data ?? new Float32Array(0),
    ...(deep && { deep: Array.from({ length: deep.shape[0] }, (_, k) => deep.data.slice(k * size, (k + 1) * size)) }),
  };
};

/** Numbers as a tensor of rows; DeepStack's features as one, and back. */
const rowsOf = (data, width) => ({ shape: [data.length / width, width], data: Float32Array.from(data) });
const deepOf = (deep, width) => ({
  shape: [deep.length, deep[0].length / width, width],
  data: Float32Array.from(deep.flatMap((each) => [...each])),
});
const layersOf = (tensor) =>
  tensor
    ? Array.from({ length: tensor.shape[0] }, (_, i) =>
        tensor.data.slice((i * tensor.data.length) / tensor.shape[0], ((i + 1) * tensor.data.length) / tensor.shape[0]),
      )
    : [];

const operations = {
  machine: ({ measure }) => [
    {
      versions: { python: "3.11.2", torch: "0.0.0", transformers: "0.0.0" },
      threads: 1,
      attention: ["eager"],
      devices: [{ device: "cpu", name: "fake", memory: { total: 2 ** 33, free: 2 ** 32 }, bfloat16: true }],
      rates: measure ? { device: "cpu", flops: 1e9, bytes: 1e9 } : null,
    },
  ],
  async load({ model, dtype }) {
    if (dtype !== "auto" && dtype !== "float32" && !faults.halves) throw Object.assign(new Error(`dtype ${dtype}`), { kind: "unsupported" });
    loaded = await loadLatentModel(model, { threads: 1, everyHidden: "last" });
    engine = engineOf(loaded.network);
    return operations.describe();
  },
  describe() {
    const { text, modelType, tokens } = loaded.network.config;
    return [
      {
        architecture: "fake",
        modelType,
        dtype: "float32",
        attention: "eager",
        devices: ["cpu"],
        deviceName: "cpu",
        versions: { python: "3.11.2", torch: "0.0.0", transformers: "0.0.0" },
        vocabSize: text.vocabSize,
        hiddenSize: text.hiddenSize,
        layers: text.layers,
        kvHeads: text.kvHeads,
        headDim: text.headDim,
        vision: true,
        ownBlocks: false,
        tokens: { image: tokens.image, visionStart: tokens.visionStart },
      },
    ];
  },
  files({ model }) {
    const names = readdirSync(model).filter((name) => /\.(json|jinja|txt)$/.test(name));
    return [
      {
        files: Object.fromEntries(names.map((name) => [name, readFileSync(join(model, name), "utf8")])),
        sizes: Object.fromEntries(weightsOf(model).map((name) => [name, statSync(join(model, name)).size])),
      },
    ];
  },
  fingerprint: async ({ model }) => [{ files: await checkpointFingerprint(model) }],
  async tensors({ model, names }) {
    const index = {};
    const found = {};
    for (const file of weightsOf(model)) {
      const path = join(model, file);
      for (const [name, { shape }] of (await readSafetensorsHeader(path)).tensors) index[name] = shape;
      for (const [name, tensor] of await readSafetensors(path, names))
        found[name] = { shape: tensor.shape, data: toFloat32(tensor) };
    }
    return [{ index }, found];
  },
  async embed(_, { ids }) {
    const data = await engine.embed(ids.data);
    return [{}, { vectors: { shape: [ids.data.length, data.length / ids.data.length], data } }];
  },
  async features({ images }, { patches }) {
    const width = patches.shape[1];
    let at = 0;
    const given = images.map(({ grid }) => {
      const size = grid.reduce((a, b) => a * b, 1) * width;
      at += size;
      return { grid, patches: patches.data.slice(at - size, at) };
    });
    const found = await loaded.network.features(given);
    const D = loaded.network.config.text.hiddenSize;
    const tensors = {};
    for (const [i, { rows, deep = [] }] of found.entries()) {
      tensors[`rows.${i}`] = { shape: [rows.length / D, D], data: rows };
      if (deep.length > 0)
        tensors[`deep.${i}`] = { shape: [deep.length, rows.length / D, D], data: vectorsOf(deep, rows.length).data };
    }
    return [{ images: found.map(({ rows }, i) => ({ id: i, tokens: rows.length / D })) }, tensors];
  },
  async prefill({ prompts, dropImages, states }, tensors) {
    const given = prompts.map((prompt, i) => promptOf(prompt, i, tensors));
    const length = Math.max(...given.map(({ ids }) => ids.length));
    const D = loaded.network.config.text.hiddenSize;
    const hidden = states && { hidden: { shape: [given.length, length, D], data: await engine.states(given) } };
    const opened = await engine.open(given, { dropImages });
    // Ids that a penalty counts: what is read, and what a run writes.
    const handle = keep({ opened, prefix: null, columns: length, seen: given.map(({ ids }) => [...ids]) });
    return [{ handle, length, bytes: length * 1000, finite: opened.finite }, hidden || {}];
  },
  async fork({ handle, rows }) {
    const from = held(handle);
    from.prefix ??= await from.opened.end();
    const n = rows.length / from.prefix.batch;
    return [{ handle: keep({ opened: await engine.fork(from.prefix, n, from.seen), fork: true }) }];
  },
  async run({ handle, rows, cue }, { vectors, replaced }) {
    const rowsOf = held(handle);
    const D = loaded.network.config.text.hiddenSize;
    let at = 0;
    let made = 0;
    const one = (tensor, i) => tensor.data.slice(i * D, (i + 1) * D);
    const programs = rows.map((row) => {
      if (!row) return null;
      const feed = row.feed.map(([kind, id]) => ({
        id,
        ...(kind === 1 && { vector: "own" }),
        ...(kind === 2 && { vector: one(vectors, at++) }),
      }));
      if (row.replace) throw Object.assign(new Error(`replace ${made++} of ${replaced.shape}`), { kind: "unsupported" });
      return { ...row, feed };
    });
    const penalty = rows.find((row) => row)?.penalty ?? 1;
    const found = await rowsOf.opened.run(programs, { cue, penalty });
    const [own, states, named] = [[], [], []];
    const results = found.map((result, r) => {
      if (!result) return null;
      const { own: fed, state, cueLogits, ...rest } = result;
      own.push(...fed);
      rowsOf.seen?.[r].push(...rest.written);
      if (state) states.push(state);
      if (cueLogits) named.push(...programs[r].cue.named.map((id) => cueLogits[id]));
      return rest;
    });
    if (!rowsOf.fork) rowsOf.columns += Math.max(0, ...found.map((f) => (f ? f.fed + f.written.length : 0)));
    return [
      { rows: results, length: rowsOf.columns },
      {
        fed: vectorsOf(own, D),
        states: vectorsOf(states, D),
        named: { shape: [named.length], data: Float32Array.from(named) },
      },
    ];
  },
  async whole({ rows }, { latents, cotangents, ...given }) {
    if (Number(faults.protocol) === 1) throw Object.assign(new Error("no operation whole"), { kind: "unsupported" });
    const D = loaded.network.config.text.hiddenSize;
    let at = 0;
    const parts = rows.map(({ slots }) => [at, (at += slots.length * D)]);
    const whole = rows.map(({ prompt, ...row }, i) => ({
      prompt: {
        ...prompt,
        visuals: given[`visuals.${i}`]?.data ?? new Float32Array(),
        deep: layersOf(given[`deep.${i}`]),
      },
      row: { ...row, latents: latents.data.slice(...parts[i]) },
    }));
    const found = await loaded.network.replayWhole(
      whole,
      cotangents && parts.map((part) => cotangents.data.slice(...part)),
    );
    const out = { logOdds: { shape: [rows.length], data: Float32Array.from(found.logOdds) } };
    for (const i of rows.keys()) {
      out[`states.${i}`] = rowsOf(found.states[i], D);
      out[`scores.${i}`] = { shape: [found.scores[i].length], data: found.scores[i] };
      const by = found.gradient?.[i];
      if (!by) continue;
      out[`latents.${i}`] = rowsOf(by.latents, D);
      out[`visuals.${i}`] = rowsOf(by.visuals.rows, D);
      if (by.visuals.deep?.length) out[`deep.${i}`] = deepOf(by.visuals.deep, D);
    }
    return [{}, out];
  },
  async patches({ grids }, { patches, ...given }) {
    const size = patches.shape[1];
    let at = 0;
    const images = grids.map((grid) => {
      const count = size * grid[0] * grid[1] * grid[2];
      at += count;
      return { grid, patches: patches.data.slice(at - count, at) };
    });
    const cotangents = grids.map((_, i) => ({ rows: given[`rows.${i}`].data, deep: layersOf(given[`deep.${i}`]) }));
    const found = await loaded.network.patchGradients(images, cotangents);
    return [{}, Object.fromEntries(found.map((each, i) => [`gradient.${i}`, rowsOf(each, size)]))];
  },
  async lens({ count, normed }, { states }) {
    if (Number(faults.protocol) === 1) throw Object.assign(new Error("no operation lens"), { kind: "unsupported" });
    const found = await engine.likeliest(states.data, count, normed);
    const flat = found.flat();
    const shape = [found.length, count];
    return [
      {},
      {
        ids: { shape, data: Int32Array.from(flat, ({ id }) => id) },
        probabilities: { shape, data: Float32Array.from(flat, ({ probability }) => probability) },
      },
    ];
  },
  async replay({ handle, rows, gradient, inspect = false }, { latents, exchanged }) {
    const from = held(handle);
    from.prefix ??= await from.opened.end();
    const D = loaded.network.config.text.hiddenSize;
    let at = 0;
    let put = 0;
    const given = rows.map(({ row: _, read, exchange = [], ...row }) => {
      const size = row.slots.length * D;
      at += size;
      return {
        ...row,
        ...(read && { read }),
        exchange: exchange.map(([layer, place]) => ({
          layer,
          at: place,
          state: exchanged.data.slice(put++ * D, put * D),
        })),
        latents: latents.data.slice(at - size, at),
      };
    });
    const prefix = engine.select(from.prefix, rows.map(({ row }) => row));
    const found = await engine.replay(prefix, given, { gradient, inspect });
    const tensors = { logOdds: { shape: [rows.length], data: Float32Array.from(found.logOdds) } };
    for (const [i, row] of given.entries()) {
      tensors[`hidden.${i}`] = { shape: [row.ids.length, D], data: found.hidden[i] };
      tensors[`scores.${i}`] = { shape: [row.options.length], data: found.scores[i] };
      for (const name of ["attention", ...(gradient ? ["attribution", "saliency"] : [])]) {
        const layers = found[name][i];
        tensors[`${name}.${i}`] = {
          shape: [layers.length, layers[0].length],
          data: vectorsOf(layers, layers[0].length).data,
        };
      }
      if (inspect) {
        const L = found.states[i].length;
        tensors[`states.${i}`] = { shape: [L, row.ids.length, D], data: vectorsOf(found.states[i], row.ids.length * D).data };
        const each = found.heads[i][0].length;
        tensors[`heads.${i}`] = { shape: [L, each], data: vectorsOf(found.heads[i], each).data };
      }
      if (gradient) tensors[`gradient.${i}`] = { shape: [row.slots.length, D], data: found.gradient[i] };
    }
    return [{}, tensors];
  },
  release({ handles: list }) {
    for (const handle of list) {
      held(handle);
      handles.delete(handle);
    }
    return [{}];
  },
};

if (faults.pid) writeFileSync(faults.pid, String(process.pid));
let requests = 0;
let told = false;
let silent = false;
async function answer({ header: { id, op, ...parts }, tensors }) {
  requests++;
  if (requests === Number(faults.die)) process.kill(process.pid, "SIGKILL");
  if (requests === Number(faults.exit)) {
    process.stderr.write("Traceback: the driver is gone\n");
    process.exit(3);
  }
  if (requests === Number(faults.hang)) {
    silent = true;
    return;
  }
  if (requests === Number(faults.garbage)) process.stdout.write("what is this\n".repeat(4));
  if (faults.slow) await new Promise((resolve) => setTimeout(resolve, Number(faults.slow) * 1000));
  const [, broken, kind, message] = /^(.*?):(.*?):(.*)$/.exec(faults.error ?? "") ?? [];
  // A load without weights reads the architecture alone.
  if (broken === op && parts.weights !== false) return write({ id, ok: false, error: { kind, message, traceback: `Traceback\n${message}` } });
  if (op === "run" && faults.note && !told) {
    told = true;
    write({ event: "note", kind: "memory", message: faults.note });
  }
  try {
    const operation = operations[op];
    if (!operation) throw Object.assign(new Error(`no operation ${op}`), { kind: "unsupported" });
    const [results, made = {}] = await operation(parts, tensors);
    write({ id, ok: true, ...results }, made);
  } catch (error) {
    write({ id, ok: false, error: { kind: error.kind ?? "python", message: error.message, traceback: error.stack } });
  }
}

// The first line is Python; frames come behind it.
let line = "";
const read = frameReader(
  (frame) => void answer(frame),
  (text) => process.stderr.write(`noise: ${text}\n`),
);
process.stdin.on("data", (chunk) => {
  if (line !== null) {
    const end = chunk.indexOf(10);
    if (end < 0) return;
    line = null;
    if (faults.noise) process.stdout.write(`${faults.noise}\n`);
    const lacking = faults.lacks ?? "";
    const versions = Object.fromEntries(["torch", "transformers"].map((n) => [n, n === lacking ? null : "0.0.0"]));
    write({
      event: "ready",
      protocol: Number(faults.protocol ?? 2),
      python: "3.11.2",
      pid: process.pid,
      host: "fake",
      versions,
    });
    setInterval(() => silent || write({ event: "alive" }), 200).unref();
    chunk = chunk.subarray(end + 1);
  }
  if (chunk.length > 0) read(chunk);
});
process.stdin.on("end", () => {
  if (faults.handles) writeFileSync(faults.handles, JSON.stringify({ most, left: handles.size, made: next - 1 }));
  process.exit(0);
});
process.on("SIGINT", () => undefined);
