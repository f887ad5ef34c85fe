import { every, firstOf } from "./evidence.ts";
import { suite } from "./suite.ts";

export const markers = suite({
  title: "how much accuracy is due to the latent positions, to their markers, and to the answer format?",
  source: "Beyond Visual Memory, arXiv 2606.01287",
  interventions: ["own", "no-markers", "skip", "slots-only", "marker-repeat", "zeros", "other-own"],
  analyses: ["decomposition", "attentionEntropy"],
  conclusions: {
    both: "the two markers alone beat no block, and the whole block beats the markers alone",
    slots: "the whole block beats the markers alone and no block, which are equivalent",
    markers: "the whole block beats no block, and the markers alone are equivalent to it",
    neither: "no block, and the markers alone, are equivalent to the whole block",
  },
  conclude: ({ beats, alike }) =>
    firstOf([
      ["both", every([beats("own", "skip"), beats("skip", "no-markers")])],
      ["slots", every([beats("own", "skip"), beats("own", "no-markers"), alike("skip", "no-markers")])],
      ["markers", every([beats("own", "no-markers"), alike("skip", "own")])],
      ["neither", every([alike("no-markers", "own"), alike("skip", "own")])],
    ]),
});
