/** Columns of BLINK's Parquet files, as far as they are read. */
export const blinkColumns = {
  idx: "string",
  question: "string",
  image_1: "image",
  choices: { list: "string" },
  answer: "string",
  sub_task: "string",
} as const;
