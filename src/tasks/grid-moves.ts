/** Plans of moves over a map, as VSP's evaluation simulates them (Mirage, `src/task.py` `simulate_vsp`). */

/** Cells row by row: −1 a hole, 0 free, 1 the start, 2 the goal. */
export type GridMap = readonly (readonly number[])[];

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  L: [0, -1],
  D: [1, 0],
  R: [0, 1],
  U: [-1, 0],
};

/** The first position of a value, row by row; null where there is none. */
function placeOf(map: GridMap, value: number): [number, number] | null {
  for (const [r, row] of map.entries()) {
    const c = row.indexOf(value);
    if (c >= 0) return [r, c];
  }
  return null;
}

/**
 * The moves that a text holds: every U, D, R and L in it, so that words count by their first letters.
 *
 * @example
 * movesIn("right, down"); // "RD"
 */
export const movesIn = (text: string): string => text.toUpperCase().replace(/[^UDRL]/g, "");

/**
 * Whether the moves in a text end on the goal and meet no hole on the way. Moves off the map have no effect.
 *
 * @example
 * reachesGoal([[1, -1], [0, 2]], "D, L, R"); // true
 */
export function reachesGoal(map: GridMap, text: string): boolean {
  let [r, c] = placeOf(map, 1) ?? [-1, -1];
  if (r < 0) return false;
  for (const move of movesIn(text)) {
    const [down, right] = STEPS[move]!;
    const cell = map[r + down]?.[c + right];
    if (cell === undefined) continue;
    [r, c] = [r + down, c + right];
    if (cell === -1) return false;
  }
  return map[r]![c] === 2;
}

/**
 * A shortest plan from the start to the goal, comma-separated moves; null where there is none.
 *
 * @example
 * shortestMoves([[1, -1], [0, 2]]); // "D,R"
 */
export function shortestMoves(map: GridMap): string | null {
  const start = placeOf(map, 1);
  if (!start) return null;
  const seen = new Set([start.join()]);
  let edge: { at: readonly [number, number]; plan: string[] }[] = [{ at: start, plan: [] }];
  while (edge.length > 0) {
    const next: typeof edge = [];
    for (const { at, plan } of edge) {
      if (map[at[0]]![at[1]] === 2) return plan.join(",");
      for (const [move, [down, right]] of Object.entries(STEPS)) {
        const to = [at[0] + down, at[1] + right] as const;
        const cell = map[to[0]]?.[to[1]];
        if (cell === undefined || cell === -1 || seen.has(to.join())) continue;
        seen.add(to.join());
        next.push({ at: to, plan: [...plan, move] });
      }
    }
    edge = next;
  }
  return null;
}
