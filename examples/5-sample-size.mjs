// How many examples does an audit need? Power and equivalence, before anything is run.
//   npm run build && node examples/5-sample-size.mjs
import { equivalence, pairedDifference, pairsForEquivalence } from "lintel";

// Rates of discordant pairs: examples that are right under one of the two interventions only.
for (const discordant of [0.01, 0.05, 0.1]) {
  const rates = { first: discordant / 2, second: discordant / 2 };
  const pairs = pairsForEquivalence(rates, 0.02, 0.8);
  console.log(
    `${(100 * discordant).toFixed(0)} % discordant: ${pairs} pairs for equivalence within ±2 points`,
  );
}

// Counts of pairs: both right, only the first, only the second, neither.
const counts = { n11: 900, n10: 10, n01: 10, n00: 80 };
const { interval } = pairedDifference(counts).value;
const { equivalent } = equivalence(counts, 0.02).value;
console.log(`observed: ${interval.map((value) => (100 * value).toFixed(1)).join(" to ")} points`);
console.log(equivalent ? "equivalent within ±2 points" : "not shown to be equivalent");
