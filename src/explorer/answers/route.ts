/** `POST ask`: a question of the page to a model beside the server. */
import type { Context, Handler } from "hono";
import { z } from "zod";
import { encodePng } from "../../formats/index.ts";
import type { Looked } from "../../reasoning/index.ts";
import { LintelError } from "../../util/index.ts";
import { base64 } from "../base64.ts";
import type { Contents } from "../contents.ts";
import type { AskRequest, LatentsContent, LookedContent, MeanContent } from "../types.ts";
import type { ModelHost } from "./host.ts";
import type { KeyedExample, Task } from "./types.ts";

/** Bytes of a body: the largest part is a drawing, of at most `SIDE` pixels along a side. */
export const LARGEST_BODY = 2 << 20;
const SIDE = 600;

const whole = z.int().min(0).max(1e9);
const side = z.int().min(1).max(SIDE);
const requestSchema = z.strictObject({
  audit: whole,
  row: whole,
  kind: z.enum(["own", "answer", "inside", "check"]),
  wanted: z
    .strictObject({
      source: z.string().regex(/^(oracle|option-\d{1,3}|drawn|zeros|mean|other|skip)$/),
      mix: z.number().min(0).max(1),
    })
    .optional(),
  other: whole.optional(),
  drawn: z.strictObject({ width: side, height: side, pixels: z.base64() }).optional(),
});

const floats = (text: string): Float32Array =>
  new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);

/** `Looked` as text. */
function looked({ inside, reason }: Looked): LookedContent {
  if (inside === null) return { inside, reason };
  const { attention, gradient } = inside;
  return {
    inside: {
      ...inside,
      attention: base64(attention),
      gradient: { ...gradient, saliency: base64(gradient.saliency) },
    },
  };
}

const wrong = (expected: string, got: string): LintelError =>
  new LintelError("input", { where: "POST ask", expected, got });

/** A drawing as an image of a dataset. */
function pngOf({ width, height, pixels }: NonNullable<AskRequest["drawn"]>): Uint8Array {
  const bytes = Uint8Array.from(Buffer.from(pixels, "base64"));
  if (bytes.length !== 3 * width * height)
    throw wrong(`${3 * width * height} bytes of ${width} × ${height} pixels`, `${bytes.length}`);
  return encodePng({ width, height, pixels: bytes });
}

/** The task of a request, with what the contents of its audit add. */
async function taskOf(contents: Contents, asked: AskRequest): Promise<Task> {
  const { audit, kind, wanted, other, drawn } = asked;
  if (kind === "inside") {
    const latents = (await contents.get(`latents/${audit}`).catch(() => null)) as LatentsContent | null;
    return { kind, deviation: latents ? floats(latents.deviation) : null };
  }
  if (kind !== "answer") return { kind };
  if (!wanted) throw wrong("what is wanted in the slots", "nothing");
  const task: Task = { kind, wanted };
  if (wanted.source === "drawn") {
    if (!drawn) throw wrong("a drawing for the source drawn", "none");
    return { ...task, drawn: pngOf(drawn) };
  }
  if (wanted.source === "mean") {
    const mean = (await contents.get(`mean/${audit}`)) as MeanContent | null;
    return { ...task, mean: (mean?.blocks ?? []).map(floats) };
  }
  if (wanted.source === "other") {
    const found: KeyedExample | undefined = (await contents.asked(audit, other ?? -1))?.example;
    if (!found) throw wrong("the row of another example", String(other));
    return { ...task, other: found };
  }
  return task;
}

/** Status of an error: something was wrong with the request, or with the work. */
const statusOf = (error: unknown): 400 | 422 =>
  error instanceof LintelError && error.code === "input" ? 400 : 422;

/** Answers requests; one that its page gives up is canceled. */
export const askRoute =
  (contents: Contents, host: ModelHost): Handler =>
  async (c: Context) => {
    if (!/^application\/json\b/.test(c.req.header("content-type") ?? ""))
      return c.json({ error: "A question is sent as application/json." }, 415);
    const { signal } = c.req.raw;
    try {
      const parsed = requestSchema.safeParse(await c.req.json().catch(() => null));
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        throw wrong("a question as the page asks it", `${issue!.path.join(".")}: ${issue!.message}`);
      }
      const asked = parsed.data as AskRequest;
      const found = await contents.asked(asked.audit, asked.row);
      if (!found) return c.json({ error: "No model answers here for this row." }, 404);
      const task = await taskOf(contents, asked);
      const answer = await host.ask(found.model, { ...found.example, task }, signal);
      return c.json("inside" in answer ? looked(answer) : answer);
    } catch (error) {
      return c.json({ error: (error as Error).message }, statusOf(error));
    }
  };
