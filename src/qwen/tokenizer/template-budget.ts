/** Renders chat templates of strangers within a budget of steps, text and time. */
import { Environment, Interpreter, parse, Template, tokenize } from "@huggingface/jinja";
import { withinTime } from "../../util/index.ts";

/** Most characters of a template; Qwen's have about a thousand. */
const LONGEST_TEMPLATE = 1 << 20;
/** Most steps of one rendering: an expression or a statement is one, and 16 characters or items that it gives one more. */
const STEPS = 500_000;
/** Most characters or items of one value. */
const LARGEST = 16 << 20;
/** Milliseconds of one rendering; it takes less than one. */
const TIME = 5_000;

/** What a template did too much of. */
class BudgetError extends Error {}

type Run = (variables: Readonly<Record<string, unknown>>) => string;

/** What is used of the library's class, whose types its package does not resolve. */
const Base = Interpreter as unknown as new (
  environment: object,
) => {
  evaluate(statement: unknown, environment: unknown): { value: unknown };
  run(program: unknown): { value: unknown };
};

const Scope = Environment as unknown as new () => { set(name: string, value: unknown): void };

class Budgeted extends Base {
  private steps = 0;
  spend(steps: number): void {
    this.steps += steps;
    if (this.steps > STEPS) throw new BudgetError(`a template that takes more than ${STEPS} steps`);
  }
  override evaluate(statement: unknown, environment: unknown): { value: unknown } {
    this.spend(1);
    const result = super.evaluate(statement, environment);
    const { value } = result;
    const size = typeof value === "string" || Array.isArray(value) ? value.length : 0;
    if (size > LARGEST) throw new BudgetError(`a value of ${size} characters or items`);
    this.spend(size >> 4);
    return result;
  }
}

/** `range` that refuses before it makes. */
function boundedRange(spend: (steps: number) => void) {
  return (first: number, last?: number, step = 1): number[] => {
    const [start, stop] = last === undefined ? [0, first] : [first, last];
    if (step === 0) throw new Error("range() step must not be zero");
    const count = Math.max(0, Math.ceil((stop - start) / step));
    if (!(count <= LARGEST)) throw new BudgetError(`a range of ${count} numbers`);
    spend(count);
    return Array.from({ length: count }, (_, i) => start + i * step);
  };
}

const globals = {
  false: false,
  true: true,
  none: null,
  False: false,
  True: true,
  None: null,
  raise_exception: (message: string) => {
    throw new Error(message);
  },
  strftime_now: (form: string) => new Template("{{ strftime_now(form) }}").render({ form }),
};

/**
 * Compiles a template of Jinja to a function that renders it.
 *
 * Errors: those of the template, and an `Error` that says which limit it exceeds.
 */
export function budgetedTemplate(source: string): Run {
  if (source.length > LONGEST_TEMPLATE)
    throw new BudgetError(`${source.length} characters, more than the limit of ${LONGEST_TEMPLATE}`);
  const program = withinTime(TIME, () => parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true })));
  return (variables) => {
    const environment = new Scope();
    const interpreter = new Budgeted(environment);
    const range = boundedRange((steps) => interpreter.spend(steps));
    for (const [name, value] of Object.entries({ ...globals, range, ...variables }))
      environment.set(name, value);
    return withinTime(TIME, () => interpreter.run(program)).value as string;
  };
}
