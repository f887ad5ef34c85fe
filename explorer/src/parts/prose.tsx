/** A sentence with its commands as code: the parts in backticks. */
import { typeset } from "../../../src/statistics/index.ts";

export const Prose = ({ text }: { text: string }) => (
  <>
    {typeset(text)
      .split("`")
      .map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : part))}
  </>
);
