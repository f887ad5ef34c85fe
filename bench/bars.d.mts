export interface Figure {
  value: number;
  bar: number;
  /** The bar is a limit, not something to be reached. */
  atMost: boolean;
}
type Line = Readonly<Record<string, unknown>>;
export function figureOf(line: Line): Figure | null;
export function summary(lines: readonly Line[]): (Figure & { what: string; kept: boolean })[];
