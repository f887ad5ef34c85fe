/** What a record says of its images beyond them: what they show in words, and edited versions. */
import { ensure } from "../../util/index.ts";
import type { Edit } from "../types.ts";
import { type AnswerForm, answerIndex, rawAnswer } from "./answers.ts";
import { fewItems, shortText } from "./budget.ts";
import { type ImageLocation, imagesOf } from "./images.ts";
import type { MappedOption } from "./options.ts";
import type { Mapping } from "./schema.ts";
import { select } from "./select.ts";

/** What the images, or the helpers, show in words; undefined where the record does not say it. */
export function captionOf(record: unknown, caption: Mapping["caption"], where: string): string | undefined {
  const [value] = caption === undefined ? [] : select(record, caption);
  if (typeof value !== "string" || value.trim() === "") return undefined;
  shortText(value, `a text in ${caption}`, where);
  ensure(!value.includes("<image>"), "dataset", () => ({
    where: `${where}, ${caption}`,
    expected: 'a caption that replaces the images, without "<image>"',
    got: JSON.stringify(value.slice(0, 80)),
  }));
  return value;
}

/** Edited versions of a record's images; undefined where it has none. */
export async function editsOf(
  record: unknown,
  { edits }: Mapping,
  place: ImageLocation,
  at: { options: readonly MappedOption[]; images: number; form: AnswerForm; where: string },
): Promise<Edit[] | undefined> {
  const { options, images, form, where } = at;
  const records = edits === undefined ? [] : fewItems(select(record, edits.of), "edits", where);
  if (edits === undefined || records.length === 0) return undefined;
  const out: Edit[] = [];
  for (const [i, each] of records.entries()) {
    const here = `${where}, edit ${i}`;
    const [kind] = select(each, edits.kind);
    const found = await imagesOf(each, edits.images, place, here);
    ensure(typeof kind === "string" && found.length === images, "dataset", () => ({
      where: here,
      expected: `its kind in words, and ${images} images as the example has`,
      got: typeof kind === "string" ? `${found.length} images` : `no text in ${edits.kind}`,
    }));
    out.push({
      kind,
      images: found,
      answer: answerIndex(rawAnswer(each, edits.answer, here), options, form, here),
    });
  }
  return out;
}
