/** Seeds that one study may have, in its file and on the command line. */
export const MOST_SEEDS = 1000;
