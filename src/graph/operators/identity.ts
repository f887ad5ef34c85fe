import { apply, type Operator, scalar, type Tensor } from "../tensor.ts";
import { add } from "./add.ts";
import { inferSame, unaryCases } from "./common.ts";
import { mul } from "./mul.ts";

/** The same values, through which no gradient flows. */
export const detach = (x: Tensor): Tensor => apply(Identity, [x]);

export const Identity: Operator = {
  name: "Identity",
  infer: inferSame,
  gradient: null,
  // Differences see through it, gradients do not: only where it has no weight do they agree.
  cases: unaryCases((x) => add(x, mul(detach(x), scalar(x, 0)))),
};
