/**
 * The point in [low, high] where `above` turns from true to false, to the last bit.
 *
 * @example
 * turn(0, 2, (x) => x * x < 2); // 1.4142…
 */
export function turn(low: number, high: number, above: (x: number) => boolean): number {
  let a = low;
  let b = high;
  for (let i = 0; i < 1100; i++) {
    const middle = a + (b - a) / 2;
    if (middle <= a || middle >= b) break;
    if (above(middle)) a = middle;
    else b = middle;
  }
  return a + (b - a) / 2;
}
