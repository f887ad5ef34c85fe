/** Inside one answer: where its position looks, what slots would be as words, patching from the oracle, the gradient. */
import type { Inside as Found, RunContent } from "../../../src/explorer/types.ts";
import { fixed, percent, tenth } from "../format.ts";
import { Heat } from "../parts/heat.tsx";
import { Question as Asking } from "../parts/pictures.tsx";
import { Value } from "../parts/plots.tsx";
import { type AskedQuestion, QuestionBar, useQuestion } from "../parts/question.tsx";
import { type Place, set, useLoaded } from "../state.ts";

const PLACES = ["slots", "markers", "image", "question", "text"] as const;
/** Weights below this are never drawn full. */
const FAINT = 0.02;
const PLACE_COLORS: Record<(typeof PLACES)[number], string> = {
  slots: "var(--own)",
  markers: "var(--control)",
  image: "var(--counterfactual)",
  question: "var(--content-free)",
  text: "var(--edge)",
};

/** Weights of the tokens in one layer: of a head or the mean over heads, or attention × gradient as shares. */
function weightsOf(found: Found, layer: number, head: number | null, saliency: boolean): Float32Array {
  const n = found.tokens.length;
  if (saliency) {
    const of = found.gradient.saliency.subarray(layer * n, (layer + 1) * n);
    const total = of.reduce((sum, x) => sum + x, 0);
    return total > 0 ? of.map((x) => x / total) : of;
  }
  const of = (h: number): Float32Array =>
    found.attention.subarray((layer * found.heads + h) * n, (layer * found.heads + h + 1) * n);
  if (head !== null) return of(head);
  const mean = new Float32Array(n);
  for (let h = 0; h < found.heads; h++) for (const [p, x] of of(h).entries()) mean[p]! += x / found.heads;
  return mean;
}

const shareOf = ({ tokens }: Found, weights: Float32Array, place: string): number =>
  tokens.reduce((sum, token, p) => sum + (token.place === place ? weights[p]! : 0), 0);

/** Special tokens and spaces as they can be read. */
const readable = (text: string): string => text.replace(/^[ĠĊ▁]/, (c) => (c === "Ċ" ? "⏎" : "·"));

/** One line per layer: how its weights are divided among slots, markers, image and text. */
function Layers({ found, of, layer }: { found: Found; of: (layer: number) => Float32Array; layer: number }) {
  return (
    <ul class="layer-bars">
      {Array.from({ length: found.layers }, (_, l) => {
        const shares = PLACES.map((place) => shareOf(found, of(l), place));
        return (
          <li key={l}>
            <button
              type="button"
              aria-pressed={l === layer}
              title={`layer ${l + 1}: ${PLACES.map((place, i) => `${place} ${percent(shares[i]!, 0)}`).join(", ")}`}
              onClick={() => set({ layer: l })}
            >
              <span>
                <span class="hidden">layer </span>
                {l + 1}
              </span>
              <span class="stack">
                {PLACES.map((place, i) => (
                  <span
                    key={place}
                    title={`${place}: ${percent(shares[i]!)}`}
                    style={{ width: `${shares[i]! * 100}%`, background: PLACE_COLORS[place] }}
                  />
                ))}
              </span>
              <data value={String(shares[0]!)}>{percent(shares[0]!)}</data>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** What the position sees, token by token; the tokens of an image are drawn on it instead. */
function Tokens({ found, weights }: { found: Found; weights: Float32Array }) {
  const most = Math.max(...weights.filter((_, p) => found.tokens[p]!.place !== "image"), 1e-9);
  const images = new Map(found.images.map(({ at, rows, columns }, i) => [at, { i, count: rows * columns }]));
  return (
    <p class="tokens" tabIndex={0}>
      {found.tokens.map(({ text, place }, p) => {
        if (place === null) return null;
        const image = images.get(p);
        if (image) {
          const share = weights.subarray(p, p + image.count).reduce((sum, x) => sum + x, 0);
          return (
            <span key={p} class="token-chip image" title={`${percent(share)} on its ${image.count} tokens`}>
              image {image.i + 1}: {percent(share, 0)}
            </span>
          );
        }
        if (place === "image") return null;
        const slot = found.slots.indexOf(p);
        return (
          <span
            key={p}
            class={`token-chip ${place}`}
            title={`${place}: ${percent(weights[p]!, 2)}`}
            style={{
              background: `color-mix(in srgb, var(--own) ${Math.round((weights[p]! / most) * 45)}%, transparent)`,
            }}
          >
            {slot >= 0 ? `slot ${slot + 1}` : readable(text)}
          </span>
        );
      })}
    </p>
  );
}

function Attention({
  found,
  asked,
  params,
}: {
  found: Found;
  asked: AskedQuestion;
  params: Place["params"];
}) {
  const head = params.head === undefined ? null : Math.min(found.heads - 1, Number(params.head));
  const saliency = params.what === "saliency";
  const of = (l: number): Float32Array => weightsOf(found, l, head, saliency);
  // Without a choice, the layer that looks at the slots most.
  const atSlots = Array.from({ length: found.layers }, (_, l) => shareOf(found, of(l), "slots"));
  const usual = atSlots.indexOf(Math.max(...atSlots));
  const layer = Math.min(found.layers - 1, Math.max(0, Number(params.layer ?? usual)));
  const weights = of(layer);
  const heat = found.images.map(({ at, rows, columns }) => weights.subarray(at, at + rows * columns));
  const highest = Math.max(...heat.flatMap((each) => [...each]), 0);
  // What hardly any weight lies on is not drawn as if it were looked at.
  const most = Math.max(highest, FAINT);
  return (
    <section class="card">
      <header class="card-head">
        <h2>Where the answer looks</h2>
        <div class="segments" role="group" aria-label="weights">
          <button type="button" aria-pressed={!saliency} onClick={() => set({ what: null })}>
            attention
          </button>
          <button type="button" aria-pressed={saliency} onClick={() => set({ what: "saliency" })}>
            × gradient
          </button>
        </div>
        {!saliency && found.heads > 1 && (
          <label class="picker">
            <span>Head</span>
            <select
              value={head === null ? "" : String(head)}
              onChange={(event) => set({ head: event.currentTarget.value || null })}
            >
              <option value="">mean of {found.heads}</option>
              {Array.from({ length: found.heads }, (_, h) => (
                <option key={h} value={String(h)}>
                  {h + 1}
                </option>
              ))}
            </select>
          </label>
        )}
      </header>
      <div class="inside-grid">
        <div>
          <p class="quiet">
            Layer by layer, {saliency ? "|attention × gradient| as shares" : "attention"} of the position that
            chooses the answer; the number is the share of the slots.
          </p>
          <Layers found={found} of={of} layer={layer} />
          <ul class="legend">
            {PLACES.map((place) => (
              <li key={place}>
                <span class="swatch" style={{ background: PLACE_COLORS[place] }} />
                {place}
              </li>
            ))}
          </ul>
        </div>
        <div>
          <h3>Layer {layer + 1}</h3>
          <Asking
            sample={asked.sample!}
            target={84}
            over={(i) =>
              found.images[i] && (
                <Heat
                  values={heat[i]!}
                  most={most}
                  columns={found.images[i].columns}
                  label={`image ${i + 1}: ${percent(heat[i]!.reduce((sum, x) => sum + x, 0))} of the weights`}
                />
              )
            }
          />
          <p class="quiet">
            No token of an image has more than {percent(highest, 2)} of the weights; full red is{" "}
            {percent(most)}.
          </p>
          <Tokens found={found} weights={weights} />
        </div>
      </div>
    </section>
  );
}

/** Column heads of the layers, from 1. */
const LayerHeads = ({ count }: { count: number }) => (
  <>
    {Array.from({ length: count }, (_, l) => (
      <th scope="col" key={l}>
        {l + 1}
      </th>
    ))}
  </>
);

/** Slots by layers: what of the way from own's to the oracle's log-odds one state of the oracle's run brings. */
function Patching({ found }: { found: Found }) {
  const { patching, logOdds } = found;
  const gap = logOdds.oracle === null ? 0 : logOdds.oracle - logOdds.own;
  if (!patching)
    return <p class="quiet">There is no oracle of the shape of own latents, whose states could be put in.</p>;
  const slots = patching.positions.filter(({ place }) => place === "slots").length;
  return (
    <>
      <p class="quiet">
        Own latents give the right option log-odds of <Value value={logOdds.own} as={tenth} />, the oracle{" "}
        <Value value={logOdds.oracle} as={tenth} />. Each cell: the log-odds with one state of the oracle’s
        run put into own’s.
      </p>
      <div class="wide" tabIndex={0} role="region" aria-label="patching">
        <table class="cells-table">
          <thead>
            <tr>
              <th scope="col">position</th>
              <th scope="col">input</th>
              <LayerHeads count={found.layers} />
            </tr>
          </thead>
          <tbody>
            {patching.positions.map(({ text }, p) => (
              <tr key={p}>
                <th scope="row">{p < slots ? `slot ${p + 1}` : readable(text)}</th>
                {patching.logOdds[p]!.map((value, l) => {
                  const share = Math.abs(gap) > 1e-6 ? (value - logOdds.own) / gap : 0;
                  const color = share >= 0 ? "var(--oracle)" : "var(--calm)";
                  return (
                    <td
                      key={l}
                      title={`${percent(share, 0)} of the way to the oracle`}
                      style={{
                        background: `color-mix(in srgb, ${color} ${Math.round(Math.min(1, Math.abs(share)) * 45)}%, var(--card))`,
                      }}
                    >
                      <data value={String(value)}>{tenth(value)}</data>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

const Lens = ({ lens, layers }: { lens: NonNullable<Found["lens"]>; layers: number }) => (
  <div class="wide" tabIndex={0} role="region" aria-label="logit lens">
    <table class="cells-table">
      <thead>
        <tr>
          <th scope="col">after layer</th>
          <LayerHeads count={layers} />
        </tr>
      </thead>
      <tbody>
        {lens.map((states, slot) => (
          <tr key={slot}>
            <th scope="row">slot {slot + 1}</th>
            {states.map((tokens, l) => (
              <td
                key={l}
                title={tokens
                  .map(({ token, probability }) => `${readable(token)} ${percent(probability)}`)
                  .join("\n")}
                style={{
                  background: `color-mix(in srgb, var(--own) ${Math.round(tokens[0]!.probability * 45)}%, var(--card))`,
                }}
              >
                <code>{readable(tokens[0]!.token)}</code> <small>{percent(tokens[0]!.probability, 0)}</small>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

function Gradient({ found }: { found: Found }) {
  const { slots } = found.gradient;
  const most = Math.max(...slots.map(({ norm }) => norm), 1e-12);
  const size = (value: number | null): string => (value === null ? "more than 10" : fixed(value, 2));
  return (
    <>
      {found.flip ? (
        <p class="answer">
          Moved by <b>{size(found.flip.smallest)}</b> standard deviations of own latents against the gradient,
          these latents give another answer; in a random direction it takes <b>{size(found.flip.random)}</b>.
        </p>
      ) : (
        <p class="quiet">
          The smallest change of the answer is measured in standard deviations of own latents over the split:
          none were kept, or they do not vary.
        </p>
      )}
      <section class="wide" tabIndex={0} aria-label="gradient by slot">
        <table class="cells-table left">
          <thead>
            <tr>
              <th scope="col">slot</th>
              <th scope="col">steepness of the answer’s log-odds (norm of the gradient)</th>
              <th scope="col" class="num" title="gradient · (oracle − own)">
                expected gain with its oracle (first order)
              </th>
            </tr>
          </thead>
          <tbody>
            {slots.map(({ norm, towardsOracle }, s) => (
              <tr key={s}>
                <th scope="row">slot {s + 1}</th>
                <td>
                  <span class="meter">
                    <span style={{ width: `${(norm / most) * 100}%` }} />
                  </span>{" "}
                  <Value value={norm} as={tenth} />
                </td>
                <td class="num">
                  <Value value={towardsOracle} as={tenth} title="no oracle of that shape" />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

export function Inside({ run, place }: { run: RunContent; place: Place }) {
  const asked = useQuestion(run, place);
  const { audit, entry, sample, question, error } = asked;
  const { value: looked, error: failure } = useLoaded(
    (signal) => question?.inside(signal) ?? null,
    [audit, sample?.id, question ? 1 : 0],
  );
  if (audit === null || !entry) return <p class="empty">There are no audits yet.</p>;
  const found = looked?.inside;
  const own = question?.own;
  return (
    <>
      <QuestionBar run={run} asked={asked} />
      {(error ?? failure) && <p class="notice">{error ?? failure}</p>}
      {asked.able && entry.samples !== null && !looked && !error && !failure && (
        <p class="empty" role="status">
          {question ? "Looking into the model…" : "Loading the model…"}
        </p>
      )}
      {looked && !found && (
        <p class="empty">
          There is nothing to look into here: {looked.reason}. The arrows lead to other examples.
        </p>
      )}
      {found && own && sample && (
        <>
          <p class="lead">
            With own latents the model answers{" "}
            <b class={own.choice === sample.answer ? "good" : "bad"}>
              {own.choice === null ? "nothing that can be read" : sample.options[own.choice]}
            </b>
            ; right is <b>{sample.options[sample.answer]}</b>.
          </p>
          {found.lacking.length > 0 && <p class="notice">{found.lacking.join(" ")}</p>}
          <Attention found={found} asked={asked} params={place.params} />
          {found.lens && (
            <div class="pair">
              <section class="card">
                <h2>
                  Patching <small>slot × layer</small>
                </h2>
                <Patching found={found} />
              </section>
              <section class="card">
                <h2>
                  Logit lens <small>the likeliest token, if the decoder ended there</small>
                </h2>
                <Lens lens={found.lens} layers={found.layers} />
              </section>
            </div>
          )}
          <section class="card">
            <h2>Gradient and smallest flip</h2>
            <Gradient found={found} />
          </section>
        </>
      )}
    </>
  );
}
