import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  cutOut,
  cutTransparent,
  decodeImage,
  encodePng,
  isTransparent,
  type Picture,
  upright,
} from "../../formats/index.ts";
import { ensure, LintelError } from "../../util/index.ts";
import type { Example, ImageBytes } from "../types.ts";
import { fewItems, shortText } from "./budget.ts";
import { type ImageContent, type ImageFiles, imageFile, lazyImages } from "./image-file.ts";
import { territoryOf } from "./links.ts";
import { literalOf, looksListed } from "./literal.ts";
import type { Mapping } from "./schema.ts";
import { held, select } from "./select.ts";
import { helperValues } from "./steps.ts";

/** Where the images of a dataset are. */
export interface ImageLocation extends ImageFiles {
  /** Base64 images of records that others may name, by their index; the images themselves by their digest. */
  known: { byIndex: Map<string, ImageBytes[]>; byDigest: Map<string, ImageBytes>; later: number };
  /** The record of that index, which comes later. */
  later: (index: string, field: string) => Promise<unknown>;
}

/** The bytes of an image that is to be looked at now. */
const bytesOf = (image: ImageContent): ImageBytes => (typeof image === "function" ? image() : image);

/**
 * An image as a record holds it. Those of an image column ({bytes, path}) are turned upright, as `datasets` does when it
 * decodes one; files and bare bytes stay as they are, as `Image.open` reads them.
 */
async function heldOf(value: unknown, place: ImageLocation, where: string): Promise<ImageContent> {
  if (value instanceof Uint8Array) return value;
  const inline = typeof value === "string" ? /^data:image\/[\w.+-]+;base64,/.exec(value) : null;
  if (inline) return Buffer.from((value as string).slice(inline[0].length), "base64");
  if (typeof value === "string") return imageFile(value, place, where);
  const { bytes, path } = (value ?? {}) as { bytes?: unknown; path?: unknown };
  if (bytes instanceof Uint8Array) return upright(bytes, where);
  if (typeof path === "string" && path !== "") {
    const file = await imageFile(path, place, where);
    return bytes === null ? upright(bytesOf(file), where) : file;
  }
  throw new LintelError("dataset", {
    where,
    expected: "the bytes of an image, or its path",
    got: value === undefined ? "nothing" : JSON.stringify(value).slice(0, 80),
  });
}

type Corners = readonly [number, number, number, number];

/** Boxes of a value: [x1, y1, x2, y2], or a list of such (which `select` has made one flat list of). */
function boxesOf(values: readonly unknown[], where: string): Corners[] {
  const numbers = fewItems(values.flat(3), "numbers of boxes", where).map(Number);
  const good = numbers.length % 4 === 0 && numbers.every(Number.isFinite);
  ensure(good, "dataset", () => ({
    where,
    expected: "boxes of four numbers, x1, y1, x2, y2",
    got: JSON.stringify(values).slice(0, 80),
  }));
  return Array.from(
    { length: numbers.length / 4 },
    (_, i) => numbers.slice(4 * i, 4 * i + 4) as unknown as Corners,
  );
}

/** A box that is enlarged about its center, in whole pixels, cut off at the edges of a picture. */
function enlarged(
  picture: Pick<Picture, "width" | "height">,
  [x1, y1, x2, y2]: Corners,
  scale: number,
  where: string,
): Corners {
  const [w, h] = [(x2 - x1) * scale, (y2 - y1) * scale];
  const left = Math.max(0, Math.floor((x1 + x2 - w) / 2));
  const top = Math.max(0, Math.floor((y1 + y2 - h) / 2));
  const right = Math.min(picture.width, Math.ceil((x1 + x2 + w) / 2));
  const bottom = Math.min(picture.height, Math.ceil((y1 + y2 + h) / 2));
  ensure(right > left && bottom > top, "dataset", () => ({
    where,
    expected: `a box within ${picture.width} × ${picture.height} pixels`,
    got: [x1, y1, x2, y2].join(", "),
  }));
  return [left, top, right, bottom];
}

/** A template with the texts of fields in place of {field}. */
const filled = (record: unknown, template: string): string =>
  template.replace(/\{([^{}]+)\}/g, (_, path: string) => String(select(record, path)[0] ?? ""));

/** Texts up to this long name another record: VLMEvalKit's rule (vlmeval/dataset/image_base.py). */
const longestReference = 64;

/** "['…', '…']" as VLMEvalKit writes several images in one cell. */
const listed = (text: string): string[] =>
  text.startsWith("[") && text.endsWith("]")
    ? [...text.matchAll(/'([^']*)'|"([^"]*)"/g)].map(([, a, b]) => a ?? b!)
    : [text];

/** Values that name an image: empty cells of a table name none. */
const present = (values: readonly unknown[]): unknown[] =>
  values.filter((value) => {
    if (typeof value === "string") return !/^\s*(?:nan|none|null)?\s*$/i.test(value);
    const { bytes, path } = (value ?? { bytes: undefined }) as { bytes?: unknown; path?: unknown };
    // An image column's null, in some writers' files.
    return !(bytes === null && (path === null || path === undefined || path === ""));
  });

/** Images of the fields at a path; a text may hold a list of paths. */
async function fieldImages(
  record: unknown,
  path: string,
  place: ImageLocation,
  where: string,
): Promise<ImageContent[]> {
  const inside = held(record, path).map(({ value }) => value);
  // Of several in one field each must be there; of a field by itself there may be none, which the caller judges.
  const listed = inside.length > 1 && !path.includes("*");
  ensure(
    !listed || present(inside).every((value) => value !== null && value !== undefined),
    "dataset",
    () => ({
      where,
      expected: `an image in each place of ${path}`,
      got: `${inside.length}, one of them null`,
    }),
  );
  const values = present(fewItems(select(record, path), "images", where)).flatMap((value) => {
    if (typeof value !== "string" || !looksListed(value)) return [value];
    const list = literalOf(shortText(value, `a list in ${path}`, where));
    ensure(Array.isArray(list) && list.every((each) => typeof each === "string"), "dataset", () => ({
      where,
      expected: `a path, or a list of paths, in ${path}`,
      got: JSON.stringify(value.slice(0, 80)),
    }));
    return list;
  });
  fewItems(values, "images", where);
  // One after another: each may open a file.
  const found: ImageContent[] = [];
  for (const [i, value] of values.entries()) found.push(await heldOf(value, place, `${where}, image ${i}`));
  return found;
}

/** Records that are gone through for an image of one that comes later; VLMEvalKit's files name earlier ones. */
const mostLater = 100;
/** Records that name one another in a row until the one with the image. */
const longestChain = 8;

/** Images given as base64, or by the index of the record that has them. Equal ones are kept once. */
async function base64Images(
  record: unknown,
  { base64, index, path }: { base64: string; index?: string | undefined; path?: string | undefined },
  place: ImageLocation,
  where: string,
  chain: readonly string[] = [],
): Promise<ImageContent[]> {
  const { byIndex, byDigest } = place.known;
  const own = index === undefined ? undefined : select(record, index)[0];
  const texts = present(select(record, base64)).map((value) => String(value).trim());
  if (texts.length === 0) return path === undefined ? [] : fieldImages(record, path, place, where);
  if (texts.length === 1 && texts[0]!.length <= longestReference && index !== undefined) {
    const known = byIndex.get(texts[0]!);
    if (known) return known;
    const named = [...chain, texts[0]!];
    ensure(!chain.includes(texts[0]!) && named.length <= longestChain, "dataset", () => ({
      where: `${where}, ${base64}`,
      expected: `a record with an image within ${longestChain} references`,
      got: named.join(" → ").slice(0, 200) + (chain.includes(texts[0]!) ? ", a circle" : ""),
    }));
    ensure(place.known.later++ < mostLater, "dataset", () => ({
      where: `${where}, ${base64}`,
      expected: `at most ${mostLater} references to records behind their own, for each of which the file is read again`,
      got: "more",
      attempt: "putting the records with images first",
    }));
    const other = String(own) === texts[0] ? undefined : await place.later(texts[0]!, index);
    ensure(other !== undefined, "dataset", () => ({
      where,
      expected: `an image as base64 in ${base64}, or the ${index} of a record that has it`,
      got: JSON.stringify(texts[0]!.slice(0, longestReference)),
    }));
    return base64Images(other, { base64, index, path }, place, where, named);
  }
  const images = fewItems(texts.flatMap(listed), "images", where).map((text, i): ImageBytes => {
    const body = text.replace(/^data:[^,]*;base64,/, "");
    ensure(body.length > 0 && /^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(body), "dataset", () => ({
      where: `${where}, image ${i}`,
      expected: `base64 in ${base64}`,
      got: body ? JSON.stringify(body.slice(0, 40)) : "nothing",
    }));
    const digest = createHash("sha1").update(body).digest("base64");
    const bytes = byDigest.get(digest) ?? Buffer.from(body, "base64");
    byDigest.set(digest, bytes);
    return bytes;
  });
  if (own !== undefined) byIndex.set(String(own), images);
  return images;
}

/** Boxes that helpers are cut out of the record's first image; none where they are other images, or of another one. */
export function regionsOf(
  record: unknown,
  { images, helpers }: Pick<Mapping, "images" | "helpers">,
  where: string,
): NonNullable<Example["regions"]> {
  if (helpers === undefined || typeof helpers === "string" || !("crop" in helpers)) return [];
  if ((Array.isArray(images) ? images[0] : images) !== helpers.of) return [];
  return boxesOf(select(record, helpers.crop), `${where}, ${helpers.crop}`).map((box) => ({ image: 0, box }));
}

/** The fields that a source takes images from, for errors. */
export function imageFields(source: Mapping["images"]): string[] {
  if (typeof source === "string" || Array.isArray(source)) return [source].flat();
  if ("template" in source) return [source.template];
  if ("crop" in source) return [source.of];
  return [source.base64, ...(source.path === undefined ? [] : [source.path])];
}

/**
 * The numbers by which a text may name a record's images ("<image 2>"): those at the ends of their fields' names where all
 * have one, else their places from 1.
 */
export function imageNumbers(record: unknown, source: Mapping["images"], count: number): number[] {
  const places = Array.from({ length: count }, (_, i) => i + 1);
  if (typeof source === "object" && !Array.isArray(source)) return places;
  const names = [source]
    .flat()
    .flatMap((path) => held(record, path))
    .filter(({ value }) => value !== null && value !== undefined && present([value]).length > 0)
    .map(({ name }) => /(\d+)$/.exec(name)?.[1]);
  const told = names.length === count && new Set(names).size === count && !names.includes(undefined);
  return told ? names.map(Number) : places;
}

/** The images that a source names in a record; those in files are read when they are looked at. */
export async function imagesOf(
  record: unknown,
  source: NonNullable<Mapping["helpers"]>,
  place: ImageLocation,
  where: string,
): Promise<ImageBytes[]> {
  return lazyImages(await heldImages(record, source, place, where));
}

async function heldImages(
  record: unknown,
  source: NonNullable<Mapping["helpers"]>,
  place: ImageLocation,
  where: string,
): Promise<ImageContent[]> {
  if (typeof source === "string") return fieldImages(record, source, place, where);
  if (Array.isArray(source)) {
    const found = await Promise.all(source.map((path) => fieldImages(record, path, place, where)));
    const without = source.filter((_, i) => found[i]!.length === 0);
    ensure(without.length === 0 || without.length === source.length, "dataset", () => ({
      where,
      expected: `an image in each of ${source.join(", ")}`,
      got: `none in ${without.join(", ")}`,
      attempt: "image_* in the mapping, for fields of which some records fill fewer",
    }));
    return found.flat();
  }
  if ("steps" in source)
    return Promise.all(
      helperValues(record, source, where).map((value, i) => heldOf(value, place, `${where}, image ${i}`)),
    );
  if ("base64" in source) return base64Images(record, source, place, where);
  if ("template" in source) return [await imageFile(filled(record, source.template), place, where)];
  const boxes = boxesOf(select(record, source.crop), `${where}, ${source.crop}`);
  const [whole] = select(record, source.of);
  if (boxes.length === 0 || whole === undefined) return [];
  const bytes = bytesOf(await heldOf(whole, place, where));
  const picture = await decodeImage(bytes, where, "dataset");
  const parts = boxes.map((box) => enlarged(picture, box, source.scale, `${where}, ${source.crop}`));
  // What is seen through a helper is decided by the family, as of the image that it was cut out of.
  if (await isTransparent(bytes)) return Promise.all(parts.map((part) => cutTransparent(bytes, part)));
  return parts.map((part) => encodePng(cutOut(picture, part)));
}

/** The directory that relative paths start from, and an empty memory of images. */
export async function placeOf(
  dataset: string,
  mapping: Mapping,
  later: ImageLocation["later"],
): Promise<ImageLocation> {
  const root = join(dataset, mapping.root);
  return {
    root,
    territory: [...(await territoryOf(dataset)), ...(await territoryOf(root).catch(() => []))],
    strip: mapping.strip,
    known: { byIndex: new Map(), byDigest: new Map(), later: 0 },
    later,
  };
}
