/** What of a reply is not in another one: words, by the longest common subsequence. */

interface Piece {
  text: string;
  /** Not in the other reply. */
  fresh: boolean;
}

const MOST = 400;

/** The words of `text`, with those marked that `other` does not have in this order. */
export function differing(text: string, other: string): Piece[] {
  const [a, b] = [text.split(/(\s+)/), other.split(/(\s+)/)];
  if (text === other) return [{ text, fresh: false }];
  if (a.length > MOST || b.length > MOST) return [{ text, fresh: true }];
  const width = b.length + 1;
  const common = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      common[i * width + j] =
        a[i] === b[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
  const pieces: Piece[] = [];
  const add = (piece: string, fresh: boolean): void => {
    const last = pieces.at(-1);
    if (last && last.fresh === fresh) last.text += piece;
    else pieces.push({ text: piece, fresh });
  };
  for (let i = 0, j = 0; i < a.length; ) {
    if (a[i] === b[j] && j < b.length) {
      add(a[i]!, false);
      i++;
      j++;
    } else if (j < b.length && common[i * width + j + 1]! >= common[(i + 1) * width + j]!) j++;
    else add(a[i++]!, true);
  }
  return pieces;
}
