/** Texts with commands in them. */
import { typeset } from "../../../src/statistics/index.ts";

/** A command, which breaks between its words; within one only where it is wider than the screen. */
export const Command = ({ text }: { text: string }) => (
  <code>
    {text.split(" ").map((word, i) => (
      <>
        {i > 0 && " "}
        <span class="word">{word}</span>
      </>
    ))}
  </code>
);

/** A sentence with its commands as code: the parts in backticks. */
export const Prose = ({ text }: { text: string }) => (
  <>
    {typeset(text)
      .split("`")
      .map((part, i) => (i % 2 === 1 ? <Command key={i} text={part} /> : part))}
  </>
);
