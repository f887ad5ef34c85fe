import { examplesNeeded, interactionPower } from "../../../statistics/index.ts";
import { pathInteraction } from "../../judge/path-interaction.ts";
import type { SuiteContext } from "../analysis.ts";

/** Power that the number of examples is said for. */
const POWER = 0.8;

/** Own latents over every other content, on every path less on the visible one, with the examples that would show it. */
export const pathInteractions = ({ outcomes }: SuiteContext) => {
  const names = [...new Set(outcomes.flatMap(({ outcomes: by }) => Object.keys(by)))];
  const cells = names.flatMap((name) => {
    const [content, path] = name.split("@");
    return path === undefined || path === "visible" || content === "own" ? [] : [{ content: content!, path }];
  });
  const opened = outcomes.filter(({ outcomes: { own } }) => (own?.blocks ?? 0) > 0);
  return {
    interactions: cells.map(({ content, path }) => {
      const { value, reason } = pathInteraction(opened, ["own", content], [path, "visible"]);
      if (!value) return { content, path, difference: null, interval: null, p: null, n: 0, reason };
      const { difference, interval, p, n, independent } = value;
      // Clusters count as so many examples each as they do here.
      const enough = examplesNeeded([(m) => interactionPower((m * independent) / n, value)], POWER);
      return { content, path, difference, interval, p, n, enough: difference === 0 ? null : enough };
    }),
  };
};
