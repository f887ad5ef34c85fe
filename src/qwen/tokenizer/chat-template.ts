import { LintelError } from "../../util/index.ts";
import { budgetedTemplate } from "./template-budget.ts";

/** An item of a turn. An image marks the position of its tokens. */
interface MessagePart {
  type: "text" | "image";
  text?: string;
}

/** A turn of a conversation. */
export interface Message {
  role: "system" | "user" | "assistant";
  content: string | readonly MessagePart[];
}

/**
 * Compiles a chat template (the Jinja dialect of transformers) to a function that renders conversations. `variables`
 * are available to the template besides the messages, such as `eos_token`. Throws `LintelError` "checkpoint" if the
 * template cannot be parsed, rejects the messages, or takes more steps, text or time than its budget.
 */
export function chatTemplate(
  source: string,
  variables: Readonly<Record<string, unknown>>,
  where: string,
): (messages: readonly Message[], addGenerationPrompt: boolean) => string {
  const attempt = <T>(expected: string, run: () => T): T => {
    try {
      return run();
    } catch (cause) {
      const deep = cause instanceof RangeError ? " (nested too deeply, or too long)" : "";
      const got = cause instanceof Error ? `${cause.message.slice(0, 500)}${deep}` : String(cause);
      throw new LintelError("checkpoint", { where, expected, got, cause });
    }
  };
  const template = attempt("a chat template in Jinja", () => budgetedTemplate(source));
  return (messages, addGenerationPrompt) =>
    attempt("a chat template that accepts these messages", () =>
      template({ ...variables, messages, add_generation_prompt: addGenerationPrompt }),
    );
}
