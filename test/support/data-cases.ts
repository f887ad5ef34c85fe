/** Cases of test/goldens/data: files as the libraries of this field write them, and what is read out of them. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

const goldens = new URL("../goldens/data/", import.meta.url).pathname;

export interface Case {
  about: string;
  /** A ready mapping, or one of its own. */
  map: string | Record<string, unknown>;
  /** What is read, within the folder. */
  data?: string;
  /** Symbolic links to be made, and where they lead. */
  links?: Record<string, string>;
  examples?: { question: string; options: string[]; answer: number; images: string[] }[];
  ids?: string[];
  /** A part of the reason of every record that is passed over. */
  skipped?: string[];
  /** A part of the error that reading ends with, or of the reason why every record is passed over. */
  error?: string;
}

/** Names of all cases. */
export const caseNames: string[] = readdirSync(goldens).flatMap(
  (file) => /^(?!versions)(.*)\.json$/.exec(file)?.[1] ?? [],
);

export const readCase = (name: string): Case =>
  JSON.parse(readFileSync(join(goldens, `${name}.json`), "utf8")) as Case;

/** The case's folder; a copy with its links where it has some. */
function folderOf(name: string, links: Case["links"], scratch: string): string {
  if (!links) return join(goldens, name);
  const copy = join(scratch, name);
  // Git keeps no empty directories.
  if (existsSync(join(goldens, name))) cpSync(join(goldens, name), copy, { recursive: true });
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    symlinkSync(target, join(copy, path));
  }
  return copy;
}

/** What a case reads, and the mapping's name or file; links and mappings are made in `scratch`. */
export function placed(
  name: string,
  { map, data = "", links }: Case,
  scratch: string,
): { data: string; map: string } {
  let mapping = map as string;
  if (typeof map === "object") {
    mapping = join(scratch, `${name}.yaml`);
    // JSON is YAML.
    writeFileSync(mapping, JSON.stringify(map));
  }
  return { data: join(folderOf(name, links, scratch), data), map: mapping };
}
