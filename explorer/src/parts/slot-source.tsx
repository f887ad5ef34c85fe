/** What the slots are moved towards: a choice of sources, how far, and the picture or example behind the source. */
import type { Sample } from "../../../src/explorer/types.ts";
import { percent } from "../format.ts";
import { set } from "../state.ts";
import { Grid } from "./helper-grid.tsx";
import { Picture, Question } from "./pictures.tsx";

interface Source {
  name: string;
  text: string;
}

/** The sources of an example; `latents`: whether the audit kept own latents, whose mean can be taken. */
export const sourcesOf = (sample: Sample, latents: boolean, others: boolean): Source[] => [
  ...(sample.helpers.length > 0 ? [{ name: "oracle", text: "oracle" }] : []),
  ...sample.counterfactuals.flatMap((helpers, i) =>
    helpers ? [{ name: `option-${i}`, text: `helper for ${sample.options[i]}` }] : [],
  ),
  ...(sample.helpers.length > 0 ? [{ name: "drawn", text: "drawing" }] : []),
  { name: "zeros", text: "zeros" },
  ...(latents ? [{ name: "mean", text: "mean" }] : []),
  ...(others ? [{ name: "other", text: "another example’s" }] : []),
  { name: "skip", text: "no slots" },
];

/** Another example, with steps to the next one. */
function Other({ other, step }: { other: Sample | null | undefined; step: (by: number) => void }) {
  return (
    <>
      <div class="stepper">
        <button type="button" class="button" onClick={() => step(-1)} aria-label="previous donor">
          ←
        </button>
        <code>{other?.id ?? "…"}</code>
        <button type="button" class="button" onClick={() => step(1)} aria-label="next donor">
          →
        </button>
      </div>
      {other && <Question sample={other} target={56} />}
    </>
  );
}

export function SlotSource({
  sample,
  sources,
  source,
  mix,
  cells,
  side,
  other,
  step,
}: {
  sample: Sample;
  sources: readonly Source[];
  source: string;
  mix: number;
  /** Cells of the drawing; `side` is null where the helper is no grid. */
  cells: string;
  side: number | null;
  other: Sample | null | undefined;
  step: (by: number) => void;
}) {
  const text = sources.find(({ name }) => name === source)?.text ?? "";
  return (
    <section class="card">
      <h2>In the slots</h2>
      <div class="segments sources" role="group" aria-label="what the slots are moved towards">
        {sources.map((each) => (
          <button
            type="button"
            key={each.name}
            aria-pressed={source === each.name}
            onClick={() => set({ src: each.name, mix: mix === 0 ? 1 : mix })}
          >
            {each.text}
          </button>
        ))}
      </div>
      <label class="mix">
        <span>own</span>
        <input
          type="range"
          min="0"
          max="1"
          step="0.01"
          value={mix}
          aria-label="share of it in the slots"
          aria-valuetext={percent(mix, 0)}
          onInput={(event) => set({ mix: event.currentTarget.value, src: source })}
        />
        <span>{text}</span>
      </label>
      <p class="quiet">
        {source === "skip"
          ? "Beyond the middle, the block has no slots."
          : `${percent(mix, 0)} of ${text}, ${percent(1 - mix, 0)} of its own latents`}
      </p>
      {source === "drawn" && side !== null ? (
        <Grid cells={cells} side={side} onChange={(next) => set({ cells: next, src: "drawn" })} />
      ) : source === "drawn" ? (
        <p class="quiet">This helper is no grid of cells, which could be drawn.</p>
      ) : source === "oracle" && sample.helpers[0] ? (
        <Picture image={sample.helpers[0]} alt="helper" mark="oracle" target={120} />
      ) : source === "other" ? (
        <Other other={other} step={step} />
      ) : source.startsWith("option-") ? (
        <Picture
          image={sample.counterfactuals[Number(source.slice(7))]![0]!}
          alt="helper of another option"
          mark="counterfactual"
          target={120}
        />
      ) : null}
    </section>
  );
}
