/** How far a piece of long work has come. */
export interface ProgressEvent {
  /** Name of the work, e.g. "train tetris/joint/0"; different for work that runs at the same time. */
  label: string;
  done: number;
  /** The final value of `done`; the event that reaches it is the last one of its label. */
  total: number;
  /** Unit of the counts in the plural: "steps", "examples". */
  unit: string;
  /** A figure to show, e.g. "loss 0.41". */
  note?: string;
}

export type OnProgress = (event: ProgressEvent) => void;
