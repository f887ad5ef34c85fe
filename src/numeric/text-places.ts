/** Texts by hash: a set of many of them, without the texts. */

/** Texts that were added, each with its place in the order of adding. */
interface TextPlaces {
  readonly size: number;
  /** Place of a text; −1 where it was never added. */
  placeOf(text: string): number;
  /** Adds a text; false where it is there already. */
  add(text: string): boolean;
}

/** 128 bits of a text (cyrb128, public-domain construction by bryc), into `out`. */
function hash(text: string, out: Uint32Array): void {
  let [a, b, c, d] = [1779033703, 3144134277, 1013904242, 2773480762];
  for (let i = 0; i < text.length; i++) {
    const k = text.charCodeAt(i);
    a = b ^ Math.imul(a ^ k, 597399067);
    b = c ^ Math.imul(b ^ k, 2869860233);
    c = d ^ Math.imul(c ^ k, 951274213);
    d = a ^ Math.imul(d ^ k, 2716044179);
  }
  a = Math.imul(c ^ (a >>> 18), 597399067);
  b = Math.imul(d ^ (b >>> 22), 2869860233);
  c = Math.imul(a ^ (c >>> 17), 951274213);
  d = Math.imul(b ^ (d >>> 19), 2716044179);
  out[0] = a ^ b ^ c ^ d;
  out[1] = b;
  out[2] = c;
  out[3] = d;
}

/** Numbers of an entry: four of the hash, then the place and one (0: empty). */
const WORDS = 5;

/**
 * An empty set of texts: 40 to 80 bytes each, however long they are. Two texts are taken for one where 128 bits of hash are
 * equal: of a million texts, with a probability of about 10⁻²⁷.
 *
 * @example
 * const places = textPlaces();
 * places.add("a"); // true
 * places.add("a"); // false
 * places.placeOf("a"); // 0
 * places.placeOf("b"); // -1
 */
export function textPlaces(): TextPlaces {
  const wanted = new Uint32Array(WORDS - 1);
  let entries = new Uint32Array(WORDS * 1024);
  let size = 0;

  /** Where the entry of a hash is, or the empty one where it would be. */
  function find(table: Uint32Array, words: Uint32Array, from = 0): number {
    const mask = table.length / WORDS - 1;
    for (let slot = words[from]! & mask; ; slot = (slot + 1) & mask) {
      const at = slot * WORDS;
      if (table[at + 4] === 0) return at;
      if (
        table[at] === words[from] &&
        table[at + 1] === words[from + 1] &&
        table[at + 2] === words[from + 2] &&
        table[at + 3] === words[from + 3]
      )
        return at;
    }
  }

  function grow(): void {
    const larger = new Uint32Array(entries.length * 2);
    for (let at = 0; at < entries.length; at += WORDS)
      if (entries[at + 4] !== 0) larger.set(entries.subarray(at, at + WORDS), find(larger, entries, at));
    entries = larger;
  }

  return {
    get size() {
      return size;
    },
    placeOf(text) {
      hash(text, wanted);
      return entries[find(entries, wanted) + 4]! - 1;
    },
    add(text) {
      hash(text, wanted);
      const at = find(entries, wanted);
      if (entries[at + 4] !== 0) return false;
      entries.set(wanted, at);
      entries[at + 4] = ++size;
      if (2 * size * WORDS > entries.length) grow();
      return true;
    },
  };
}
