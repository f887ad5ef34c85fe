// The pocket case of `npm run bench:train` in jax-js on its Wasm backend: node bench/train/jax.mjs DIR THREADS STEPS.
// Prints one JSON line, as peer.py does, whose model this is: the same forms, what may be prepared prepared outside.
import { resolveObjectURL } from "node:buffer";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Worker as NodeWorker } from "node:worker_threads";

const [directory, threads, steps] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];

/** jax-js has its kernels run in Web Workers where there are any. Node has none of that name: these stand in. */
class WebWorker {
  #made;
  #sent = Promise.resolve();
  constructor(url) {
    const prelude =
      "const port = require('node:worker_threads').parentPort; globalThis.self = globalThis;" +
      "globalThis.postMessage = (m) => port.postMessage(m); port.on('message', (data) => self.onmessage({ data }));\n";
    const source = resolveObjectURL(url).text();
    this.#made = source.then((text) => {
      const worker = new NodeWorker(prelude + text, { eval: true });
      worker.on("message", (data) => this.onmessage({ data }));
      worker.on("error", (error) => this.onerror?.({ message: String(error) }));
      return worker;
    });
    this.#sent = this.#made;
  }
  postMessage(message) {
    this.#sent = this.#sent.then(async () => (await this.#made).postMessage(message));
  }
}
/** Nor has Node 20 the iterator helpers that its einsum uses. */
const iterators = Object.getPrototypeOf(Object.getPrototypeOf([].values()));
iterators.map ??= function* (f) {
  for (const x of this) yield f(x);
};
iterators.filter ??= function* (f) {
  for (const x of this) if (f(x)) yield x;
};
if (threads > 1) {
  globalThis.Worker = WebWorker;
  Object.defineProperty(globalThis, "navigator", {
    value: { hardwareConcurrency: threads },
    configurable: true,
  });
}
const { defaultDevice, init, jit, nn, numpy: np, tree, valueAndGrad } = await import("@jax-js/jax");
await init("wasm");
defaultDevice("wasm");

const index = JSON.parse(readFileSync(join(directory, "index.json"), "utf8"));
const { config, batch: B, length: T } = index;
const { heads, kvHeads, headDim, vocabSize: V, rmsNormEps } = config;
const bytes = (file) => {
  const { buffer, byteOffset, byteLength } = readFileSync(join(directory, file));
  return buffer.slice(byteOffset, byteOffset + byteLength);
};
const floats = (file, shape) => np.array(new Float32Array(bytes(file))).reshape(shape);
const integers = (file) => Int32Array.from(new BigInt64Array(bytes(file)), Number);

// Rows of the dump stand token by token; here they stand example by example, as in peer.py.
const batches = index.batches.map((values, i) => {
  const byExample = (x) => Int32Array.from({ length: B * T }, (_, n) => x[(n % T) * B + Math.floor(n / T)]);
  const file = (key) => `batch${i}-${key}`;
  const source = byExample(integers(file("source")));
  const place = byExample(integers(file("rows")));
  const asked = integers(file("asked"));
  const rowsOf = (key) =>
    Int32Array.from(integers(file(key)), (q) => (asked[q] % B) * T + Math.floor(asked[q] / B));
  const whole = (x, shape = [x.length]) => np.array(x, { dtype: np.int32 }).reshape(shape);
  const rotary = (key) =>
    np.take(floats(file(key), values[key].shape), whole(place), 0).reshape([B, T, 1, headDim / 2]);
  return {
    replaced: whole(
      source.map((id) => Number(id >= V)),
      [B * T, 1],
    ),
    ids: whole(source.map((id) => (id < V ? id : 0))),
    featureRow: whole(source.map((id) => (id < V ? 0 : id - V))),
    features: floats(file("features"), values.features.shape),
    cos: rotary("cos"),
    sin: rotary("sin"),
    supervised: whole(rowsOf("supervised")),
    beforeSlot: whole(rowsOf("beforeSlot")),
    targets: whole(integers(file("targets")).filter((_, n) => n % 2 === 1)),
    oracleRow: whole(integers(file("oracleRow"))),
  };
});
let weights = Object.fromEntries(
  Object.entries(index.weights).map(([name, shape]) => [name, floats(name, shape)]),
);
const names = Object.keys(weights);

// Arrays are owned: whoever is given one frees it, and `.ref` is one more owner.
const rmsNorm = (x, weight) => {
  const mean = np.square(x.ref).mean(-1, { keepdims: true });
  return x.div(np.sqrt(mean.add(rmsNormEps))).mul(weight);
};
const linear = (x, weight) => np.matmul(x, np.transpose(weight));
const rotate = (x, cos, sin) => {
  const [a, b] = np.split(x, 2, -1);
  const first = a.ref.mul(cos.ref).sub(b.ref.mul(sin.ref));
  return np.concatenate([first, b.mul(cos).add(a.mul(sin))], -1);
};

function lossOf(W, b) {
  const fed = np.take(b.features.ref, b.featureRow, 0);
  const embedded = np.take(W["model.embed_tokens.weight"], b.ids, 0);
  let x = np.where(b.replaced.notEqual(0), fed, embedded);
  for (let i = 0; i < config.layers; i++) {
    const p = `model.layers.${i}.`;
    const y = rmsNorm(x.ref, W[`${p}input_layernorm.weight`]);
    const part = (name, count) =>
      linear(y.ref, W[`${p}self_attn.${name}_proj.weight`])
        .add(W[`${p}self_attn.${name}_proj.bias`])
        .reshape([B, T, count, headDim]);
    const q = rotate(part("q", heads), b.cos.ref, b.sin.ref);
    const k = rotate(part("k", kvHeads), b.cos.ref, b.sin.ref);
    const context = nn.dotProductAttention(q, k, part("v", kvHeads), { isCausal: true });
    y.dispose();
    x = x.add(linear(context.reshape([B * T, heads * headDim]), W[`${p}self_attn.o_proj.weight`]));
    const z = rmsNorm(x.ref, W[`${p}post_attention_layernorm.weight`]);
    const gate = nn.silu(linear(z.ref, W[`${p}mlp.gate_proj.weight`]));
    x = x.add(linear(gate.mul(linear(z, W[`${p}mlp.up_proj.weight`])), W[`${p}mlp.down_proj.weight`]));
  }
  b.cos.dispose();
  b.sin.dispose();
  const { "model.norm.weight": gain, "lm_head.weight": head } = W;
  const asked = (rows) => rmsNorm(np.take(x.ref, rows, 0), gain.ref);
  const logits = linear(asked(b.supervised), head);
  const picked = nn.logSoftmax(logits, -1).mul(nn.oneHot(b.targets, V));
  const text = picked.sum().div(-index.answer * B);
  const difference = asked(b.beforeSlot).sub(np.take(b.features, b.oracleRow, 0));
  x.dispose();
  gain.dispose();
  return text.add(np.square(difference).mean().mul(0.1));
}

const [b1, b2, epsilon, rate, decay] = [0.9, 0.98, 1e-8, 1e-3, 0.01];
const trained = valueAndGrad(lossOf);
/** One step: loss and gradients, clipping to norm 1, AdamW. `size` and `correction` are Adam's for the step number. */
const step = jit((W, m, v, size, correction, b) => {
  const [loss, gradients] = trained(tree.ref(W), b);
  const squares = names.map((name) => np.square(gradients[name].ref).sum()).reduce((s, x) => s.add(x));
  const scale = np.minimum(np.array(1).div(np.sqrt(squares).add(1e-6)), 1);
  const next = { W: {}, m: {}, v: {} };
  for (const name of names) {
    const g = gradients[name].mul(scale.ref);
    next.m[name] = m[name].mul(b1).add(g.ref.mul(1 - b1));
    next.v[name] = v[name].mul(b2).add(np.square(g).mul(1 - b2));
    const direction = next.m[name].ref
      .mul(size.ref)
      .div(np.sqrt(next.v[name].ref).div(correction.ref).add(epsilon));
    const keep = index.weights[name].length >= 2 ? 1 - rate * decay : 1;
    next.W[name] = W[name].mul(keep).sub(direction);
  }
  for (const x of [scale, size, correction]) x.dispose();
  return [loss, next.W, next.m, next.v];
});

const zeros = () => Object.fromEntries(names.map((name) => [name, np.zeros(index.weights[name])]));
let [m, v] = [zeros(), zeros()];
const [seconds, losses, cpu] = [[], [], []];
for (let i = 0; i < steps; i++) {
  const start = performance.now();
  const used = process.cpuUsage();
  const [size, correction] = [rate / (1 - b1 ** (i + 1)), Math.sqrt(1 - b2 ** (i + 1))];
  let loss;
  [loss, weights, m, v] = step(weights, m, v, np.array(size), np.array(correction), tree.ref(batches[i % 4]));
  losses.push((await loss.data())[0]);
  // The update is done before the next step begins, as in the others.
  for (const name of names) await weights[name].blockUntilReady();
  seconds.push((performance.now() - start) / 1000);
  const { user, system } = process.cpuUsage(used);
  cpu.push((user + system) / 1e6);
}
const later = seconds.slice(3).sort((a, b) => a - b);
const { version } = JSON.parse(
  readFileSync(new URL("../../node_modules/@jax-js/jax/package.json", import.meta.url), "utf8"),
);
console.log(
  JSON.stringify({
    threads,
    mode: "jit",
    seconds: later[Math.floor(later.length / 2)],
    best: Math.min(...seconds),
    cpu: Math.min(...cpu),
    firstLoss: losses[0],
    lastLoss: losses.at(-1),
    peakMiB: process.resourceUsage().maxRSS / 1024,
    jax: version,
  }),
);
process.exit(0);
