import { meanSquaredError } from "../../nn/index.ts";
import { defineLoss } from "./define.ts";

/** Mean squared error per element (LanteRn, LVR). */
export const mse = defineLoss({
  kind: "mse",
  options: {},
  loss: ({ predicted, wanted }) => meanSquaredError(predicted(), wanted()),
});
