// How often `lintel inform` calls helpers informative or leaking that tell nothing: planted nulls, by number of examples.
//   npm run build && node scripts/calibrate-inform.mjs [DATASETS]       (200 datasets: about an hour on one core)
// Writes test/goldens/inform/calibration.json, whose figures docs/data.md cites, row by row: rows of as many datasets that are
// there already are kept (delete the file after changes to what is measured).
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DESCRIPTION } from "../dist/inform/prepared-example.js";
import { measureCases } from "../dist/inform/run.js";
import { random } from "../dist/util/index.js";

const DATASETS = Number(process.argv[2] ?? 200);
const SIZES = [60, 100, 200];
const words = ["red", "blue", "green", "yellow"];

const noise = (r, length) => Float32Array.from({ length }, () => r.uniform());
const picture = (r, side) => ({
  width: side,
  height: side,
  pixels: Uint8Array.from({ length: 3 * side * side }, () => r.integer(256)),
});

/** Each null: what of an example tells its answer, the helper being noise. */
const nulls = {
  // Nothing tells the answer.
  noise: (r) => ({ question: "which ?", image: picture(r, 16) }),
  // The question names it in half of the examples.
  question: (r, answer) => ({
    question: r.uniform() < 0.5 ? `the ${words[answer]} one ?` : "which ?",
    image: picture(r, 16),
  }),
  // Where the image is bright tells it.
  image: (r, answer) => {
    const image = picture(r, 16);
    for (let y = 0; y < 8; y++) {
      const at = 3 * (((answer >> 1) * 8 + y) * 16 + (answer & 1) * 8);
      image.pixels.fill(255, at, at + 24);
    }
    return { question: "which ?", image };
  },
};

function datasetOf(name, n, seed) {
  const r = random(seed, "inform null", name, n);
  return Array.from({ length: n }, (_, i) => {
    const answer = r.integer(4);
    const { question, image } = nulls[name](r, answer);
    return {
      id: String(i).padStart(5, "0"),
      question,
      options: words,
      answer,
      images: [{ picture: image, scale: 1 }],
      matches: [null],
      novel: null,
      helpers: [noise(r, DESCRIPTION)],
    };
  });
}

const out = fileURLToPath(new URL("../test/goldens/inform/calibration.json", import.meta.url));
const rows = existsSync(out) ? JSON.parse(readFileSync(out, "utf8")) : [];
const known = (name, n) => rows.some((row) => row.null === name && row.n === n && row.datasets === DATASETS);
for (const n of SIZES) {
  for (const name of Object.keys(nulls)) {
    if (known(name, n)) continue;
    let [informative, leaking, worse] = [0, 0, 0];
    let highest = 0;
    for (let seed = 0; seed < DATASETS; seed++) {
      const { verdict, information } = await measureCases(datasetOf(name, n, seed), null, { seed, folds: 3 });
      if (verdict === "informative") informative++;
      if (verdict === "leaking") leaking++;
      if (information.without > information.options + 1e-9) worse++;
      highest = Math.max(highest, information.bits);
    }
    rows.push({
      null: name,
      n,
      datasets: DATASETS,
      informative,
      leaking,
      worseThanBlind: worse,
      highestBits: Number(highest.toFixed(3)),
    });
    process.stderr.write(`${JSON.stringify(rows.at(-1))}\n`);
    writeFileSync(out, `${JSON.stringify(rows, null, 2)}\n`);
  }
}
