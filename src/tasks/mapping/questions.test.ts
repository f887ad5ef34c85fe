/**
 * Records of many kinds, and what must be asked of them: one folder each in test/goldens/questions with the records, the
 * mapping (or its name in case.json), and expected.json. A new case needs no code. Images: a.png … d.png, told by name.
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { decodeImage, encodePng } from "../../formats/index.ts";
import { LintelError } from "../../util/index.ts";
import { readMapped } from "./index.ts";

const goldens = new URL("../../../test/goldens/questions/", import.meta.url).pathname;
const names = ["a", "b", "c", "d"];
const images = new Map(
  names.map((name, i) => [
    `${name}.png`,
    encodePng({ width: 4, height: 3, pixels: new Uint8Array(36).fill(40 * i + 9) }),
  ]),
);
/** The name of one of them; of other images size and first pixel. */
async function nameOf(bytes: Uint8Array): Promise<string> {
  const name = [...images].find(([, image]) => Buffer.from(image).equals(Buffer.from(bytes)))?.[0];
  if (name !== undefined) return name;
  const { width, height, pixels } = await decodeImage(bytes);
  return `${width} × ${height}, ${pixels.slice(0, 3).join(" ")}`;
}

const scratch = mkdtempSync(join(tmpdir(), "lintel-questions-"));
afterAll(() => rmSync(scratch, { recursive: true }));

/** What a case comes to, in the form of expected.json. */
async function outcome(name: string): Promise<unknown> {
  const folder = join(scratch, name);
  cpSync(join(goldens, name), folder, { recursive: true });
  for (const [file, bytes] of images) writeFileSync(join(folder, file), bytes);
  const read = (file: string) =>
    existsSync(join(folder, file)) ? JSON.parse(readFileSync(join(folder, file), "utf8")) : {};
  const { map = join(folder, "mapping.yaml"), ...options } = read("case.json");
  const data = join(folder, readdirSync(folder).find((file) => /\.(?:tsv|jsonl|parquet)$/.test(file))!);
  const bare = (text: string) => text.replaceAll(`${folder}/`, "").replaceAll(folder, "DATA");
  const skipped: string[] = [];
  try {
    const { examples, unused, notes, answerForm } = await readMapped(data, map, {
      audit: true,
      onSkipped: ({ reason }) => skipped.push(bare(reason)),
      ...options,
    });
    return {
      examples: await Promise.all(
        examples.map(
          async ({ question, options: letters, optionTexts, answer, images: shown, interleaved }) => ({
            question,
            ...(optionTexts && { letters: letters.join("") }),
            options: optionTexts ?? letters,
            right: (optionTexts ?? letters)[answer],
            images: await Promise.all(shown.map(nameOf)),
            ...(interleaved && { interleaved }),
          }),
        ),
      ),
      skipped,
      ...(notes.length > 0 && { notes }),
      ...(unused.length > 0 && { unused }),
      ...(answerForm && { answerForm }),
    };
  } catch (error) {
    if (!(error instanceof LintelError)) throw error;
    return { error: error.code, message: bare(error.message) };
  }
}

describe("questions are asked as they are", () => {
  it.each(readdirSync(goldens))("%s", async (name) => {
    const file = join(goldens, name, "expected.json");
    const came = await outcome(name);
    // LINTEL_WRITE_GOLDENS=1 writes what comes, to be read before it is committed.
    if (process.env.LINTEL_WRITE_GOLDENS) writeFileSync(file, `${JSON.stringify(came, null, 2)}\n`);
    expect(came).toEqual(JSON.parse(readFileSync(file, "utf8")));
  });
});
