import { ensure } from "../../util/index.ts";

/** Special tokens in the order of their ids from 0; `pocketTokenIds` relies on it. */
const special = [
  "<|endoftext|>",
  "<|im_start|>",
  "<|im_end|>",
  "<|vision_start|>",
  "<|vision_end|>",
  "<|image_pad|>",
  "<|video_pad|>",
  "<|lvr_start|>",
  "<|lvr_sep|>",
  "<|lvr_end|>",
  "<unk>",
] as const;

/** Words of every vocabulary: the roles of turns, and the tags of reasoning and answer. */
const common = ["system", "user", "assistant", "<think>", "</think>", "<answer>", "</answer>"] as const;

interface PocketTokenizerOptions {
  /** Images end with `<|vision_end|>`, as in the published models. */
  imageEnd?: boolean;
}

/**
 * Every turn is "<|im_start|>ROLE CONTENT <|im_end|>". The end marker of an image is optional: in a pocket model most
 * images are one token, and a marker after each would make sequences a third longer without information. There is no
 * default system turn for the same reason.
 */
const template = ({ imageEnd = false }: PocketTokenizerOptions): string =>
  [
    "{% for message in messages %}<|im_start|>{{ message['role'] }} ",
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}",
    "{% for item in message['content'] %}",
    `{% if item['type'] == 'image' %}<|vision_start|><|image_pad|>${imageEnd ? "<|vision_end|>" : ""}`,
    "{% elif 'text' in item %}{{ item['text'] }}{% endif %}",
    "{% endfor %}{% endif %} <|im_end|>{% endfor %}",
    "{% if add_generation_prompt %}<|im_start|>assistant {% endif %}",
  ].join("");

/**
 * The files of a word-level tokenizer over `words`: `tokenizer.json`, `tokenizer_config.json` and
 * `chat_template.jinja`. Words are separated by white space; unknown ones become `<unk>`. Ids: the special tokens first,
 * then the common words, then `words` in their order, each once. transformers 4.57 and 5.24 open the files as
 * `AutoTokenizer`, with the same ids. Throws `LintelError` "usage" for a word that is empty, or contains white space or a
 * special token.
 */
export function pocketTokenizer(
  words: readonly string[],
  options: PocketTokenizerOptions = {},
): Record<string, string> {
  for (const word of words) {
    ensure(/^\S+$/.test(word) && !special.some((token) => word.includes(token)), "usage", () => ({
      where: "vocabulary",
      expected: "words without white space or special tokens",
      got: JSON.stringify(word),
    }));
  }
  const vocabulary = [...new Set<string>([...special, ...common, ...words])];
  const added = special.map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));
  const tokenizer = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: { type: "WhitespaceSplit" },
    post_processor: null,
    decoder: null,
    model: {
      type: "WordLevel",
      vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])),
      unk_token: "<unk>",
    },
  };
  const config = {
    // transformers 5 would otherwise build a Qwen2Tokenizer from the vocabulary, with another pre-tokenizer
    tokenizer_class: "PreTrainedTokenizerFast",
    processor_class: "Qwen2_5_VLProcessor",
    added_tokens_decoder: Object.fromEntries(added.map(({ id, ...token }) => [id, token])),
    additional_special_tokens: special.slice(1, 10),
    add_prefix_space: false,
    bos_token: null,
    eos_token: "<|im_end|>",
    pad_token: "<|endoftext|>",
    unk_token: "<unk>",
    clean_up_tokenization_spaces: false,
    errors: "replace",
    model_max_length: 32768,
    padding_side: "left",
    split_special_tokens: false,
  };
  return {
    "tokenizer.json": `${JSON.stringify(tokenizer, null, 1)}\n`,
    "tokenizer_config.json": `${JSON.stringify(config, null, 1)}\n`,
    "chat_template.jinja": template(options),
  };
}
