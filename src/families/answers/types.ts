/**
 * Reads the index of the chosen option from a text; null if there is none.
 *
 * `options` are the expected answers (letters or words), `texts` the option texts if `options` are letters.
 */
export type ReadAnswer = (
  text: string,
  options: readonly string[],
  texts?: readonly string[],
) => number | null;
