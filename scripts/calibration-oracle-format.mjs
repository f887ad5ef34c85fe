// What docs/calibration.md states of the conclusions of the suite `oracle-format`, as functions of the library: run at length
// by scripts/calibrate-oracle-format.mjs, in part by test/calibration-oracle-format.test.ts. `L`: suiteOf, evidenceOf and random.

/** Between these is the section in docs/calibration.md. */
export const marks = ["<!-- oracle-format -->", "<!-- /oracle-format -->"];
export const sizes = [150, 400];

const controls = ["noise-matched", "mean", "other-own"];
const forms = {
  "helper-in-prompt(own)": "own",
  "helper-in-prompt(none)": "no-markers",
  "helper-in-words(own)": "own",
  "helper-in-words(none)": "no-markers",
};
/** The form that makes a conclusion about ordinary input false by itself. */
const one = "helper-in-words(own)";

/** Rates: the oracle over controls (one of them, `odd`, may differ), and forms of the helper over what each is compared with. */
const rates = ({ oracle, control, odd = control, input, form = input, last = form }) => ({
  ...{ own: input, "no-markers": input, oracle },
  ...Object.fromEntries(controls.map((name) => [name, name === "mean" ? odd : control])),
  ...Object.fromEntries(Object.keys(forms).map((name) => [name, name === one ? last : form])),
});

/**
 * At the edge of each conclusion: one comparison makes it false, all else is clearly for it. `latent`, `input`: the part
 * at its edge. `shared`: chance that a condition shares the luck of its example, for latents and for ordinary input.
 */
export const nulls = {
  "both, latent": {
    of: "both",
    rates: rates({ oracle: 0.9, control: 0.3, odd: 0.9, input: 0.4, form: 0.9 }),
    shared: [0.5, 0.5],
  },
  "both, input": { of: "both", rates: rates({ oracle: 0.9, control: 0.3, input: 0.5 }), shared: [0.5, 0] },
  "as a latent only, latent": {
    of: "as a latent only",
    rates: rates({ oracle: 0.9, control: 0.3, odd: 0.9, input: 0.5 }),
    shared: [0.5, 1],
  },
  "as a latent only, input": {
    of: "as a latent only",
    rates: rates({ oracle: 0.9, control: 0.3, input: 0.5, last: 0.52 }),
    shared: [0.5, 1],
  },
  "cannot read this format, latent": {
    of: "cannot read this format",
    rates: rates({ oracle: 0.5, control: 0.5, odd: 0.48, input: 0.4, form: 0.9 }),
    shared: [1, 0.5],
  },
  "cannot read this format, input": {
    of: "cannot read this format",
    rates: rates({ oracle: 0.5, control: 0.5, input: 0.5 }),
    shared: [1, 0],
  },
  "cannot use the information, latent": {
    of: "cannot use the information",
    rates: rates({ oracle: 0.5, control: 0.5, odd: 0.48, input: 0.5 }),
    shared: [1, 1],
  },
  "cannot use the information, input": {
    of: "cannot use the information",
    rates: rates({ oracle: 0.5, control: 0.5, input: 0.5, last: 0.52 }),
    shared: [1, 1],
  },
};

/** Where each conclusion is true. */
export const truths = {
  both: { rates: rates({ oracle: 0.9, control: 0.4, input: 0.4, form: 0.8 }), shared: [0.5, 0.5] },
  "as a latent only": { rates: rates({ oracle: 0.9, control: 0.4, input: 0.5 }), shared: [0.5, 1] },
  "cannot read this format": {
    rates: rates({ oracle: 0.5, control: 0.5, input: 0.4, form: 0.8 }),
    shared: [1, 0.5],
  },
  "cannot use the information": { rates: rates({ oracle: 0.5, control: 0.5, input: 0.5 }), shared: [1, 1] },
};

/** Answers to four-option questions that can all be read. */
function planted(L, { rates: accuracies, shared }, n, seed, label) {
  const source = L.random(seed, "oracle-format", label);
  return Array.from({ length: n }, (_, i) => {
    const common = source.uniform();
    const outcomes = Object.fromEntries(
      Object.entries(accuracies).map(([name, rate]) => {
        const part = name === "oracle" || controls.includes(name) ? shared[0] : shared[1];
        const luck = source.uniform() < part ? common : source.uniform();
        const choice = luck < rate ? 0 : 1;
        return [
          name,
          {
            text: "ab"[choice],
            choice,
            optionLogProbabilities: null,
            blocks: 1,
            steps: 1,
            endings: ["count"],
          },
        ];
      }),
    );
    return { example: String(i).padStart(6, "0"), answer: 0, options: ["a", "b", "c", "d"], outcomes };
  });
}

/** How often each conclusion is drawn in audits `from` … `from + audits`. */
export function conclusions(L, cell, { n, label }, audits, from = 0) {
  const found = {};
  for (let seed = from; seed < from + audits; seed++) {
    const outcomes = planted(L, cell, n, seed, `${label} ${n}`);
    const evidence = L.evidenceOf(outcomes, { verdict: "inconclusive" }, () => undefined);
    const { conclusion } = L.suiteOf("oracle-format").conclude(evidence);
    found[conclusion] = (found[conclusion] ?? 0) + 1;
  }
  return found;
}

/** False conclusions of a cell. At the edge of one part, only conclusions that claim that part the other way are true. */
const falsely = ({ of }, found) => found[of] ?? 0;

const percent = (count, of) => ((100 * count) / of).toFixed(1);
const table = (head, rows) =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

/** The section of docs/calibration.md, from test/goldens/calibration-oracle-format.json. */
export function section({ audits, powerAudits, cells, powers }) {
  const most = Math.max(...cells.map(({ null: name, found }) => falsely(nulls[name], found)));
  return `## Conclusions of \`oracle-format\` (${audits.toLocaleString("en-US")} simulated audits a cell)
Made by \`npm run build && node scripts/calibrate-oracle-format.mjs\` (outcomes are drawn, no model runs). For each conclusion the two edges: one
comparison that makes it false (a control as good as the oracle, or two points from it; no form of the helper better than its
reference, or one better by two points), while everything else is clearly for it. Per cent of audits in which the false conclusion is drawn
(nominal at most 5; the largest is ${percent(most, audits)}, with a standard error of ${percent(Math.sqrt(0.05 * 0.95 * audits), audits)}). That one of four forms helps is tested at a quarter of the level each.

${table(
  ["edge of", "part", ...sizes.map((n) => `n = ${n}`)],
  Object.entries(nulls).map(([name, { of }]) => [
    of,
    name.slice(of.length + 2),
    ...sizes.map((n) => {
      const { found } = cells.find((cell) => cell.null === name && cell.n === n);
      return percent(falsely(nulls[name], found), audits);
    }),
  ]),
)}

Where a conclusion is true (oracle 0.9 over controls 0.4, or equal at 0.5; forms 0.8 over 0.4, or equal at 0.5), per cent of
${powerAudits} audits that draw it:

${table(
  ["conclusion", ...sizes.map((n) => `n = ${n}`)],
  Object.keys(truths).map((name) => [
    name,
    ...sizes.map((n) =>
      percent(powers.find((cell) => cell.truth === name && cell.n === n).found[name] ?? 0, powerAudits),
    ),
  ]),
)}
`;
}
