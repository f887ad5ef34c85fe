/** One report of how far a piece of long work has come. Whoever does the work tells; whoever shows it decides how. */
export interface ProgressEvent {
  /** What is being done, e.g. "train tetris/joint/0". Work that runs at the same time has different labels. */
  label: string;
  done: number;
  /** What `done` will be at the end. The event with `done` equal to `total` is the last one of its label. */
  total: number;
  /** What is counted, in the plural: "steps", "examples". */
  unit: string;
  /** A figure worth following, e.g. "loss 0.41". */
  note?: string;
}

export type OnProgress = (event: ProgressEvent) => void;
