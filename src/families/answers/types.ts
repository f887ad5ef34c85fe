/**
 * Reads an option's index out of a text; null where it names none.
 *
 * `options` are what the model is to write (letters or words), `texts` what they say where `options` are letters.
 */
export type ReadAnswer = (
  text: string,
  options: readonly string[],
  texts?: readonly string[],
) => number | null;
