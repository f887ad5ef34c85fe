import { Template } from "@huggingface/jinja";
import { LintelError } from "../../util/index.ts";

/** A piece of a turn. An image stands where its tokens will be. */
export interface MessagePart {
  type: "text" | "image";
  text?: string;
}

/** A turn of a conversation. */
export interface Message {
  role: "system" | "user" | "assistant";
  content: string | readonly MessagePart[];
}

/**
 * A function that writes conversations as a chat template says (the Jinja dialect of transformers); `variables` are
 * what the template may name besides the messages, such as `eos_token`. Throws `LintelError` "checkpoint" if the
 * template cannot be read or refuses the messages.
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
      const got = cause instanceof Error ? cause.message : String(cause);
      throw new LintelError("checkpoint", { where, expected, got, cause });
    }
  };
  const template = attempt("a chat template in Jinja", () => new Template(source));
  return (messages, addGenerationPrompt) =>
    attempt("a chat template that takes these messages", () =>
      template.render({ ...variables, messages, add_generation_prompt: addGenerationPrompt }),
    );
}
