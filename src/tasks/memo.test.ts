import { expect, it } from "vitest";
import { memo } from "./memo.ts";

it("makes a thing once, and again when too many others have been made", () => {
  const made: number[] = [];
  const half = memo(
    String,
    (n: number) => {
      made.push(n);
      return n === 0 ? undefined : n / 2;
    },
    2,
  );
  expect([half(4), half(4), half(0), half(0), half(6), half(4)]).toEqual([2, 2, undefined, undefined, 3, 2]);
  expect(made).toEqual([4, 0, 6, 4]);
});
