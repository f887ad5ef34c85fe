/** Amount of detail on a page. A page that exceeds the size limit is rendered again with less, and says what it omits. */
export interface DetailLevel {
  /** Examples per audit, for the first seed and for the others. */
  examples: number;
  otherExamples: number;
  /** Geometry figures of the seeds beyond the first. */
  otherFigures: boolean;
  /** Comparison tables of the seeds beyond the first. */
  otherTables: boolean;
  /** Sections of single models; shown if left out. */
  sections?: boolean;
  /** What is omitted, in words; null where nothing is. */
  omitted: string | null;
}

/** From full to least detail; the last is used whatever its size. */
export const DETAIL_LEVELS: readonly DetailLevel[] = [
  { examples: 12, otherExamples: 4, otherFigures: true, otherTables: true, omitted: null },
  {
    examples: 12,
    otherExamples: 0,
    otherFigures: true,
    otherTables: true,
    omitted: "examples of seeds beyond the first",
  },
  {
    examples: 12,
    otherExamples: 0,
    otherFigures: false,
    otherTables: true,
    omitted: "examples and geometry figures of seeds beyond the first",
  },
  {
    examples: 6,
    otherExamples: 0,
    otherFigures: false,
    otherTables: false,
    omitted: "half of the examples, and examples, figures and tables of seeds beyond the first",
  },
  {
    examples: 0,
    otherExamples: 0,
    otherFigures: false,
    otherTables: false,
    omitted: "all examples, and figures and tables of seeds beyond the first",
  },
];

/** The same for studies; the last has overview or leaderboards alone. */
export const STUDY_DETAIL_LEVELS: readonly DetailLevel[] = [
  ...DETAIL_LEVELS,
  {
    ...DETAIL_LEVELS.at(-1)!,
    sections: false,
    omitted: "the sections of single models (a page of each: lintel report on the directory of its audit)",
  },
];

/** Largest page, in bytes. */
export const MAX_PAGE_BYTES = 5_000_000;
