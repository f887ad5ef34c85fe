import { atLeast, binomialTest, count, pEquals, share, shareWithin } from "../../statistics/index.ts";
import { rule } from "./rule.ts";

/** "Far more often than chance": at least so many times as often, by the 95 % interval. */
const TIMES_CHANCE = 2;

/**
 * F6: on tetris the answers name the option that an injected counterfactual stands for at least twice as often as by
 * chance: the 95 % interval of the share lies above that.
 */
export const counterfactualSteers = rule(
  "An injected counterfactual steers: far more often than chance the answer moves to the option that the injected latents stand for.",
  "arXiv 2603.25629 and 2605.18445, latent-consistent answers under swapped latents",
  ({ audit, intervention, present }) => {
    const eval_ = audit("tetris", "joint", "eval");
    const counterfactual = intervention(eval_, "counterfactual");
    const {
      following,
      followingInterval = null,
      followingChance: chance = eval_.chance,
      n,
      reasons,
    } = counterfactual;
    const rate = present(following, "counterfactual following", reasons?.following);
    const { p } = binomialTest(Math.round(rate * n), n, chance);
    return {
      state: atLeast(followingInterval, TIMES_CHANCE * chance),
      evidence: `${shareWithin(rate, followingInterval)} of ${count(n)} examples answer what the injected block stands for; chance ${share(chance)}, exact binomial ${pEquals(p)}.`,
    };
  },
);
