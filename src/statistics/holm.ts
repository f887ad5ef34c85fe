/**
 * Holm's step-down correction: adjusted p-values in the order given, each to be compared with alpha directly. Controls
 * the chance of any false rejection in the family, whatever the dependence between the tests.
 *
 * @public
 * @param pValues - null where a test could not be made; it stays null and does not count.
 *
 * Source: Holm 1979; R `p.adjust(method = "holm")`.
 *
 * @example
 * holm([0.01, 0.04, null, 0.03]); // [0.03, 0.06, null, 0.06]
 */
export function holm(pValues: readonly (number | null)[]): (number | null)[] {
  const order = pValues
    .map((p, index) => ({ p, index }))
    .filter((entry): entry is { p: number; index: number } => entry.p !== null)
    .sort((a, b) => a.p - b.p);
  const adjusted: (number | null)[] = pValues.map(() => null);
  let running = 0;
  for (const [rank, { p, index }] of order.entries()) {
    running = Math.max(running, Math.min(1, (order.length - rank) * p));
    adjusted[index] = running;
  }
  return adjusted;
}
