/** What each analysis says, where it comes from, and what it needs of an engine: the table of docs/interventions.md. */
import { costOf } from "../request/analysis-costs.ts";
import type { AnalysisName } from "./analyses/index.ts";

/** Analysis, what it says, source, and operations of an engine (docs/engine-protocol.md) beside those of outcomes and latents. */
const table = `
reliance | oracle gap, oracle utility, gap closed | arXiv 2605.18445 | none
collapse | cosines of own latents between examples and to oracles, retrieval, USP | arXiv 2605.18445 | none
retained | share of the gain over no block that each replacement keeps | arXiv 2605.21642; §15.2 (our formula) | none
decomposition | share of the gain that the markers bring, and the slots | arXiv 2606.01287; §15.3 (our formula) | none
probes | what classifiers read of answer and attributes at slots, end marker and answer | arXiv 2606.05753; §15.4 | prefill with states, replay
imageToLatents | how far own latents move with the image | arXiv 2602.22766; RCS of ReaLVR, arXiv 2609.34563 | none
latentsToAnswer | how often the answer becomes that of the example whose latents are fed | arXiv 2602.22766; ReaLVR, arXiv 2609.34563 | none
adversarialImages | whether images made against the answer move the latents, or only the answer | §19.3 (8); arXiv 1607.02533 | the engine in this process
attention | shares of the answer's attention by layer and part, split by correctness | LIVR; §15.7, §19.3 (9) | replay with attention
doseCurves | accuracy over dose: blend, jitter, steps, augmentations | docs/science.md; ReaLVR, arXiv 2609.34563 | none
attribution | gradient of the answer's log-odds by slot, gradient × latent, attention × gradient | §15.7 | replay with gradient
flips | the smallest perturbation that flips the answer, against random directions | white-box perturbation studies | replay with gradient
spread | components for 90, 95 and 99 % of the variance, whitened cosine, variation by position | ReaLVR, arXiv 2609.34563; §15.6 | none
foundAndRight | accuracy where the right oracle is the nearest and where it is not, φ | WM-VLM, arXiv 2609.34826; §15.6 | none
fixedContext | what the answer loses by each slot, at fixed text; without the most attended | ReaLVR G.1; §15.5 | replay with attention
logitLens | each latent as a word | ReaLVR, arXiv 2609.34563; §15.6 | replay, lens
targetForcing | whether forced first slots bring later ones nearer to their oracles | ReaLVR, arXiv 2609.34563; §15.5 | replay
answerContrast | attention of right against wrong options to the latents (γ) | ReaLVR, arXiv 2609.34563; §15.7 | replay with attention
attentionEntropy | entropy of attention at latents and at the answer | arXiv 2606.01287; §15.7 | replay with attention
targetRegion | enrichment ρ of the target region by attention and saliency | ReaLVR G.2, G.3; §15.7 | replay with gradient, features in raster order
regionBlocking | what the answer loses by each window of the image | CVRR, arXiv 2609.06746; §19.3 (11) | prefill with hidden, replay, features in raster order
groupCosine | cosine of latents within and between groups: raw, centered, residual | ReaLVR, arXiv 2609.34563; §15.6 | features
edits | flips of the answer and displacement of latents over edited images | ReaLVR, arXiv 2609.34563; §15.5 | prefill, run
pathInteractions | own latents over each content, by path of the image: differences in differences | CVRR, arXiv 2609.06746; §19.3 (1) | none
sameQuestion | answers that become a same-question donor's, over those of matched donors | §19.3 (3); MMVP, V* | none
slotInfluence | how far slot i moves when slot j is replaced | §19.3 (7) | run
layerPatching | share of a partner's answer that states of image, slots or text carry, layer by layer | §19.3 (6) | replay with inspect
clusters | adjusted Rand index of clusters of latents with answers and attributes | §19.3 (10) | none
dummyTokens | how alike states are where slots hold placeholders, beside own latents behind the same prefix | §19.3 (10); ReaLVR, arXiv 2609.34563 | embed, replay
answerLikelihood | likelihood of each option written as a whole reply, by content | §19.3 (13) | replay
`;

interface AnalysisRecord {
  says: string;
  source: string;
  engine: string;
}

export const analysisRecords = Object.fromEntries(
  table
    .trim()
    .split("\n")
    .map((line) => {
      const [name, says, source, engine] = line.split(" | ") as [string, string, string, string];
      const sources = source.split("; ").map((each) => each.replace(/^§/, "docs/published-families.md §"));
      return [name, { says, source: sources.join("; "), engine }];
    }),
) as Readonly<Record<AnalysisName, AnalysisRecord>>;

/** A model of 28 layers with four latents, for which costs are written down. */
const SIZES = { slots: 4, layers: 28 };

/**
 * The table of analyses in docs/interventions.md.
 *
 * @example
 * analysesMarkdown().split("\n")[2]; // "| `reliance` | oracle gap, oracle utility, gap closed | arXiv 2605.18445 | – | – |"
 */
export function analysesMarkdown(): string {
  const rows = Object.entries(analysisRecords).map(([name, { says, source, engine }]) => {
    const { readings, prompts, most } = costOf(name as AnalysisName, SIZES);
    const parts = [
      ...(readings > 0 ? [`${readings} reading${readings > 1 ? "s" : ""}`] : []),
      ...(prompts > 0 ? [`${prompts} prompt${prompts > 1 ? "s" : ""}`] : []),
      ...(most === undefined ? [] : [`of ${most} at most`]),
    ];
    return `| \`${name}\` | ${says} | ${source} | ${parts.join(", ") || "–"} | ${engine === "none" ? "–" : engine} |`;
  });
  return [
    "| analysis | what it says | source | per example | of an engine |",
    "|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}
