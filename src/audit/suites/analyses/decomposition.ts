import type { SuiteContext } from "../analysis.ts";
import { shareOf } from "./shared/shares.ts";

/**
 * Of the gain of the whole block over none: what the two markers alone bring (start and end without slots), what the
 * slots bring without markers, and what is left to the slots' content (docs/published-families.md §15.3, our formulas).
 */
export const decomposition = ({ outcomes, planner: { seed } }: SuiteContext) => {
  const share = (name: string) => shareOf(outcomes, name, "no-markers", "own", seed);
  const marker = share("skip");
  return {
    markerShare: marker,
    slotShare: {
      ...marker,
      value: marker.value === null ? null : 1 - marker.value,
      interval: marker.interval && [1 - marker.interval[1], 1 - marker.interval[0]],
    },
    slotsWithoutMarkers: share("slots-only"),
    pausesWithMarkers: share("marker-repeat"),
  };
};
