/** Pictures of a dataset, enlarged by whole factors where they are small. */
import type { ComponentChildren } from "preact";
import type { Sample, SampleImage } from "../../../src/explorer/types.ts";

export function Picture({
  image,
  alt,
  target = 96,
  mark,
}: {
  image: SampleImage;
  alt: string;
  target?: number;
  mark?: string | undefined;
}) {
  const longest = Math.max(image.width, image.height, 1);
  const factor = longest <= 1.25 * target ? Math.max(1, Math.floor(target / longest)) : target / longest;
  return (
    <img
      class={`picture${factor >= 1 ? " pixels" : ""}${mark ? ` ${mark}` : ""}`}
      src={image.uri}
      alt={alt}
      width={Math.round(image.width * factor)}
      height={Math.round(image.height * factor)}
    />
  );
}

/** The question as the model is asked it, its images in their places. */
export function Question({
  sample,
  target = 96,
  over,
}: {
  sample: Sample;
  target?: number;
  /** What is drawn on image i. */
  over?: (image: number) => ComponentChildren;
}) {
  // A label of one or two characters after an image stays in its line.
  const parts = sample.question.split("<image>").map((text, i) => {
    const [, label = ""] = (i > 0 && /^(\s?\S{1,2})(?=\s|$)/.exec(text)) || [];
    return { label, text: text.slice(label.length) };
  });
  return (
    <div class="question">
      {parts.map(({ text }, i) => (
        <span key={i}>
          {text}
          {i < parts.length - 1 && (
            <span class="labeled">
              {sample.images[i] ? (
                <span class="overlaid">
                  <Picture image={sample.images[i]!} alt={`image ${i + 1} of the question`} target={target} />
                  {over?.(i)}
                </span>
              ) : (
                <em>image {i + 1}</em>
              )}
              {parts[i + 1]!.label}
            </span>
          )}
        </span>
      ))}
    </div>
  );
}
