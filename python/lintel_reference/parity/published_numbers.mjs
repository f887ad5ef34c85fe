/**
 * Lintel's numbers for three published diagnostics, by the names that python/lintel_reference/parity/published.py gives
 * those of the papers' own code. `L` is what src/audit and src/numeric export: built (published.mjs), or not
 * (test/published-diagnostics.test.ts).
 *
 * records: ids and right answers of the examples that states are of, and outcomes by intervention (choice,
 * log-probabilities of the options).
 * tensors: answer, lastSlot, slots [n, D] of these examples, own, oracle [m, K, D] and options [m, O, K, D] of the first m
 * of them; each { shape, data }.
 */
const PATHS = { strict: "dropped", visual_rows_restored: "visible" };
const CONDITIONS = { matched_swap: "other-own", norm_matched_noise: "noise-matched" };
const CORRUPTIONS = {
  truncate: "zeros",
  "noise_0.1": "noise-added(0.1)",
  "noise_0.3": "noise-added(0.3)",
  "noise_1.0": "noise-added(1)",
  swap: "donor",
};
export const PLACES = { a: "answer", b: "lastSlot", c: "slots" };
/** Interventions that the records have. */
export const INTERVENTIONS = [
  ...["own", "oracle", "other-own", "counterfactual"],
  ...Object.values(CORRUPTIONS),
  ...Object.values(PATHS).flatMap((path) =>
    ["own", ...Object.values(CONDITIONS)].map((name) => `${name}@${path}`),
  ),
];
/** Outcomes by intervention, as an audit has them. */
export const expanded = ({ interventions, outcomes }) =>
  outcomes.map(({ found, ...each }) => ({
    ...each,
    outcomes: Object.fromEntries(
      found.map(([choice, optionLogProbabilities], j) => [
        interventions[j],
        { text: "", choice, optionLogProbabilities, blocks: 1, steps: 1, endings: [] },
      ]),
    ),
  }));
export const OPTIONS = { margin: 0.02, alpha: 0.05 };

/** CVRR: `summarize_condition_records` of core/metrics.py; `_path_sensitivity` and `_path_interactions` of causal/reliance.py. */
function cvrr(L, examples) {
  const out = {};
  const drops = {};
  for (const [theirs, path] of Object.entries(PATHS)) {
    const names = Object.values(CONDITIONS);
    const onPath = examples.map((each) => ({
      ...each,
      outcomes: Object.fromEntries(["own", ...names].map((name) => [name, each.outcomes[`${name}@${path}`]])),
    }));
    const rows = L.compareAll(onPath, ["own", ...names], OPTIONS);
    const right = (name) =>
      onPath.filter(({ outcomes, answer }) => L.isRight(outcomes[name], answer)).length / onPath.length;
    out[`${theirs}.clean.accuracy`] = right("own");
    for (const [condition, name] of Object.entries(CONDITIONS)) {
      const row = rows.find(({ intervention }) => intervention === name);
      const at = `${theirs}.${condition}`;
      out[`${at}.accuracy`] = right(name);
      out[`${at}.accuracy_delta`] = row.difference;
      out[`${at}.prediction_flip_fraction`] = 1 - row.agreement;
      out[`${at}.regress_fraction`] = row.rightToWrong / row.n;
      out[`${at}.improve_fraction`] = row.wrongToRight / row.n;
      out[`${at}.mcnemar_exact_p`] = row.mcnemarP;
      out[`${at}.mcnemar_holm_p`] = row.holmP;
      drops[at] = -row.difference;
    }
  }
  const restored = Object.keys(PATHS)[1];
  const clean = L.compare(examples, `own@${PATHS[restored]}`, `own@${PATHS.strict}`, OPTIONS);
  out[`${restored}.clean_vs_strict.accuracy_delta`] = clean.difference;
  out[`${restored}.clean_vs_strict.mcnemar_exact_p`] = clean.mcnemarP;
  for (const [condition, name] of Object.entries(CONDITIONS)) {
    const at = `${restored}.${condition}`;
    const { difference } = L.pathInteraction(examples, ["own", name], [PATHS.strict, PATHS[restored]]).value;
    out[`${at}.strict_accuracy_drop`] = drops[`strict.${condition}`];
    out[`${at}.path_accuracy_drop`] = drops[at];
    out[`${at}.sensitivity_reduction`] = difference;
    out[`${at}.accuracy_drop_reduction`] = difference;
  }
  return out;
}

const rowsOf = ({ shape, data }, n, d) => ({ n, d, values: Float64Array.from(data.slice(0, n * d)), shape });

/** WM-VLM: `pair_metrics` and `option_scores` of evaluate_wm_vlm_matched_retrieval.py; φ and the split by formula. */
function wmVlm(L, all, examples, { own, oracle, options }) {
  const [m, count, k, d] = options.shape;
  const ids = all.slice(0, m);
  const out = {};
  const size = k * d;
  const looks = ids.map((_, i) =>
    L.lookAlike(
      own.data.slice(i * size, (i + 1) * size),
      Array.from({ length: count }, (_, o) =>
        options.data.slice((i * count + o) * size, (i * count + o + 1) * size),
      ),
      d,
    ),
  );
  for (const [i, { flat }] of looks.entries()) {
    out[`example.${i}.latent_top1`] = flat.option;
    out[`example.${i}.latent_top1_margin`] = flat.margin;
  }
  const pairs = L.measurePair(rowsOf(own, m * k, d), rowsOf(oracle, m * k, d)).values;
  out.token_cosine = pairs.cosine;
  out.mse = pairs.mse;
  const latents = {
    ...{ examples: ids, slots: k, width: d, own: own.data, oracle: oracle.data },
    ...{ hasOwn: Array(m).fill(1), hasOracle: Array(m).fill(1) },
  };
  out.mean_pool_cosine = L.geometry(latents).ownOracle.cosine;
  const outcomes = examples.flatMap((each) => {
    const at = ids.indexOf(each.example);
    return at < 0 ? [] : [{ ...each, outcomes: { own: { ...each.outcomes.own, looks: looks[at] } } }];
  });
  const { flat } = L.fourWays(outcomes, 0.05).own;
  out.latent_top1_is_gold = flat.found;
  out.answer_matches_latent_top1 = flat.followed;
  out.latent_top1_margin = flat.margin;
  out.accuracy_if_found = flat.rightIfFound;
  out.accuracy_if_missed = flat.rightIfMissed;
  out.phi = flat.phi;
  return out;
}

/** PRISM: `_train_cell` of probe_train.py on three places (axis 1), `_accuracy` and Δ of faithfulness_corrupt.py (axis 2). */
function prism(L, answers, examples, tensors) {
  const out = {};
  for (const [position, place] of Object.entries(PLACES)) {
    const [n, d] = tensors[place].shape;
    const { value } = L.prismProbe(rowsOf(tensors[place], n, d), answers);
    out[`${position}.accuracy_mean`] = value.accuracy;
    out[`${position}.accuracy_std`] = value.deviation;
    out[`${position}.cross_entropy`] = value.crossEntropy;
    out[`${position}.mi_lower_bound_nats`] = value.information;
  }
  out.gap = out["a.accuracy_mean"] - out["b.accuracy_mean"];
  for (const [mode, name] of Object.entries(CORRUPTIONS))
    out[`${mode}.delta_vs_clean`] = L.compare(examples, name, "own", OPTIONS).difference;
  return out;
}

export function numbersOf(L, records, tensors) {
  const examples = expanded(records);
  return {
    cvrr: cvrr(L, examples),
    wmVlm: wmVlm(L, records.examples, examples, tensors),
    prism: prism(L, records.answers, examples, tensors),
  };
}
