/** Every latent head. The keys are the values of `kind`; a new head is its file and one line here. */
import { branch } from "./beside/branch.ts";
import { branchMerger } from "./beside/branch-merger.ts";
import { codebook } from "./codebook.ts";
import { couplingFlow } from "./coupling-flow.ts";
import { flow } from "./flow.ts";
import { glu } from "./glu.ts";
import { linear } from "./linear.ts";
import { merger } from "./merger.ts";
import { mixture } from "./mixture.ts";
import { mlp } from "./mlp.ts";
import { none } from "./none.ts";
import { placeholder } from "./placeholder.ts";
import { vae } from "./vae.ts";

export const latentHeads = {
  none,
  linear,
  mlp,
  glu,
  merger,
  codebook,
  mixture,
  vae,
  flow,
  "coupling-flow": couplingFlow,
  placeholder,
  branch,
  "branch-merger": branchMerger,
};
