"""Goldens of the tokenizer: ids and texts from Python, for a small byte-level BPE in Qwen2's form and for the pocket tokenizer.

    python -m lintel_reference.goldens.tokenizer

The files in test/goldens/tokenizer/pocket/ are Lintel's own (`pocketTokenizer`); src/qwen/tokenizer/tokenizer.test.ts checks that they
still are. This script opens them with transformers.
"""

import gzip
import json
import random
import tempfile
import unicodedata
from pathlib import Path

import tokenizers
import transformers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer

from lintel_reference.common import GOLDENS, write_json

OUT = GOLDENS / "tokenizer"

# How Qwen2's tokenizer.json splits text (a public fact of the model family: its pre-tokenizer's pattern).
PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SPECIAL = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
    "<|lvr_start|>",
    "<|lvr_sep|>",
    "<|lvr_end|>",
]
PLAIN = ["<tool_call>", "</tool_call>", "<think>", "</think>"]  # added, but not special

TEMPLATE = """{%- set images = namespace(count=0) -%}
{%- for message in messages -%}
{%- if loop.first and message.role != 'system' -%}{{ '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}{%- endif -%}
{{ '<|im_start|>' + message.role + '\\n' }}
{%- if message.content is string -%}{{ message.content }}
{%- else -%}
{%- for part in message.content -%}
{%- if part.type == 'image' or 'image' in part -%}
{%- set images.count = images.count + 1 -%}
{%- if add_vision_id -%}{{ 'Picture ' ~ images.count ~ ': ' }}{%- endif -%}
{{ '<|vision_start|><|image_pad|><|vision_end|>' }}
{%- elif 'text' in part -%}{{ part.text }}
{%- endif -%}
{%- endfor -%}
{%- endif -%}
{{ '<|im_end|>\\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}{%- endif -%}
"""

SAMPLE = """The lintel carries the wall above the door. Take it out and see whether the wall stands. We'll check what they've
said; it's not what I'd have thought, and she'll say: don't! Which of the options (a), (b), (c) or (d) fits the picture best?
Rotate the shape by 90 degrees, then by 180, then 270. Answer: <answer> b </answer>
def rotate(panel, quarter=1):\n    for row in range(len(panel)):\n        yield [cell for cell in panel[row]]\n    return None  # done
Der Türsturz trägt die Mauer über der Öffnung. Größe, Länge und Höhe müssen stimmen; außerdem zählt jedes Bild.
Le linteau porte le mur au-dessus de la porte. L'image montre où se trouve la forme qu'il faut choisir, déjà tournée.
El dintel soporta el muro. ¿Qué opción corresponde a la figura? Перемычка держит стену над дверью. Какая фигура подходит?
門の上の梁が壁を支えている。図形を九十度回転させると、どれになりますか。答えは三番です。カタカナもある。
门楣支撑着门上方的墙。图形旋转九十度以后是哪一个？请选择正确的答案。文字和图像一起输入模型。
상인방은 문 위의 벽을 지탱한다. 도형을 구십 도 돌리면 어느 것이 되는가? العتبة تحمل الجدار فوق الباب. दरवाज़े के ऊपर की दीवार।
🙂 🚪 🧱 👍🏽 👩‍🚀 🇩🇪 ✓ → ≤ ≥ ∑ √ € £ ½ × ² … – — „Zitat“ «citation» "quote" 'single' `code` [1] {2} <3> a/b a\\b a_b a-b a+b=c
"""


def build():
    t = Tokenizer(models.BPE())
    t.normalizer = normalizers.NFC()
    t.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PATTERN), behavior="isolated", invert=False),
            pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False),
        ]
    )
    t.post_processor = processors.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    t.decoder = decoders.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    trainer = trainers.BpeTrainer(
        vocab_size=900, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False, min_frequency=1
    )
    t.train_from_iterator(SAMPLE.split("\n") + SAMPLE.split(), trainer)
    t.add_special_tokens(SPECIAL)
    t.add_tokens([AddedToken(p, normalized=False) for p in PLAIN])
    return t


CONFIG = {
    "tokenizer_class": "Qwen2Tokenizer",
    "chat_template": TEMPLATE,
    "clean_up_tokenization_spaces": False,
    "bos_token": None,
    "eos_token": "<|im_end|>",
    "pad_token": "<|endoftext|>",
    "unk_token": None,
    "add_prefix_space": False,
    "model_max_length": 32768,
}


def strings():
    r = random.Random(0)
    out = list(SAMPLE.split("\n"))
    out += [
        "",
        " ",
        "  ",
        "   a",
        "a   ",
        "a  b",
        "\n",
        "\n\n",
        " \n ",
        "\t",
        "\r\n",
        "a\r\nb",
        "a\n\n\nb",
        " \n\n  x",
        "\u00a0x",
        "\u3000x",
        "x\u2028y",
        "\u200b",
        "\ufeff",
        "\x00",
        "\x7f",
        "\x1b[0m",
    ]
    out += [
        "I'm",
        "I'M",
        "we'LL",
        "IT'S",
        "'s",
        "' s",
        "don't'ave",
        "x'",
        "it's 'tis",
        "rock'n'roll",
        "’s",
        "'ſ",
        "'ſs",
    ]
    out += ["0", "12", "1234567890", "3.14", "1e-6", "²³", "½", "٣٤", "१२", "Ⅷ", "1st", "a1b2", "v1.2.3-rc4"]
    out += [
        "é",
        "e\u0301",
        "a\u030a\u0301",
        "\u0301",
        "ﬁ",
        "Å",
        "Å",
        "가",
        "\u1100\u1161",
        "Ω",
        "İ",
        "ß",
        "ẞ",
        "ǅ",
        "\u0958",
        "क़",
        "นี้",
        "Việt Nam",
        "Vie\u0323\u0302t",
    ]
    out += [
        "👍",
        "👍🏽",
        "👩‍🚀",
        "👨‍👩‍👧‍👦",
        "🇩🇪🇫🇷",
        "1️⃣",
        "❤️",
        "❤",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "🙂🙂🙂",
        "a🙂b",
        " 🙂",
        "🙂\n",
        "\U0001f9d1\u200d",
    ]
    out += [
        "漢字かなカナ",
        "你好，世界！",
        "你好 世界",
        "日本語123abc",
        "。。。",
        "「引用」",
        "𠮷野家",
        "한국어 문장",
        "ﾊﾝｶｸ",
        "ＡＢＣ１２３",
        "مرحبا بالعالم",
        "שלום",
        "नमस्ते",
        "สวัสดี",
        "Ελληνικά",
        "հայ",
        "ქართული",
        "አማርኛ",
        "𝕏𝟙",
        "𐍈",
    ]
    out += [
        "<|im_start|>",
        "<|im_start|>user\nhi<|im_end|>",
        "<|im_start",
        "<|im_start|",
        "<<|im_start|>>",
        "<|im_start|><|im_start|>",
        " <|im_end|> ",
        "a<|im_end|>b",
        "<|IM_START|>",
        "<|im_start|>\n\n<|im_end|>",
    ]
    out += [
        "<|vision_start|>" + "<|image_pad|>" * 5 + "<|vision_end|>",
        "<think>x</think>",
        "<think> x </think>",
        "<answer>a</answer>",
        "<tool_call>\n{}\n</tool_call>",
        "<|lvr_start|><|lvr_sep|><|lvr_sep|><|lvr_end|>",
        "<think>look<|lvr_start|><|lvr_sep|><|lvr_end|>then</think><answer>b</answer>",
        "x<|lvr_sep|>y",
        "<|lvr_sep",
        "<|endoftext|><|video_pad|><|vision_pad|>",
    ]
    out += [
        "=" * 50,
        "-" * 3,
        "....",
        "?!?!",
        "a,b;c",
        "((()))",
        "<html><b>x</b></html>",
        "C:\\path\\x",
        "https://example.org/a?b=c&d=%20",
        "a@b.c",
        "#tag",
        "$1,000.00",
        "x==y&&z||!w",
        "/* c */ // d",
        "`a`",
        "snake_case camelCase kebab-case",
        "A" * 40,
        "ab" * 60,
        " " * 33,
        "\n" * 9,
        "\u0915\u094d\u0937",
    ]
    out += ["\ufffd", "a\ufffdb", "\ufffd\ufffd", "\ue000", "\uffff", "\U0010ffff", "\u0378"]
    words = SAMPLE.split()
    pieces = (
        SPECIAL
        + PLAIN
        + [" ", "  ", "\n", "\n\n", "\t", "'s", "'LL", "!", "...", "42", "🙂", "é", "e\u0301", "字", "한", "\u00a0"]
    )
    while len(out) < 480:  # sentences with things thrown in
        parts = [
            r.choice(words) + (" " if r.random() < 0.8 else "") if r.random() < 0.7 else r.choice(pieces)
            for _ in range(r.randint(1, 14))
        ]
        out.append("".join(parts))
    blocks = [
        (0x20, 0x7F),
        (0xA0, 0x250),
        (0x300, 0x370),
        (0x370, 0x590),
        (0x5D0, 0x700),
        (0x900, 0xE80),
        (0x1100, 0x1200),
        (0x1E00, 0x2100),
        (0x2190, 0x2800),
        (0x3040, 0x3100),
        (0x4E00, 0x9FA0),
        (0xAC00, 0xD7A0),
        (0xFF00, 0xFFE0),
        (0x1F300, 0x1F650),
        (0x20000, 0x20100),
    ]
    while len(out) < 700:  # assigned characters of everywhere
        text = ""
        while len(text) < r.randint(1, 16):
            low, high = r.choice(blocks)
            c = chr(r.randrange(low, high))
            if unicodedata.category(c) != "Cn":
                text += c
        out.append(text)
    return out


CHATS = [
    [{"role": "user", "content": "Which one?"}],
    [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Which one?"}],
    [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "Which option fits?"}]}],
    [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "A is to B"},
                {"type": "image"},
                {"type": "image"},
                {"type": "text", "text": " as C is to\n"},
                {"type": "image"},
            ],
        }
    ],
    [
        {"role": "user", "content": "q"},
        {"role": "assistant", "content": "<think>x<|lvr_start|><|lvr_sep|><|lvr_end|></think><answer> a </answer>"},
        {"role": "user", "content": [{"type": "text", "text": "and now?"}, {"type": "image"}]},
    ],
]


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    bpe = build()
    text = bpe.to_str()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "tokenizer.json").write_text(text)
        (Path(folder) / "tokenizer_config.json").write_text(json.dumps(CONFIG))
        hf = AutoTokenizer.from_pretrained(folder)
    pocket = AutoTokenizer.from_pretrained(OUT / "pocket")

    def cases(tokenizer, inputs):
        rows = []
        for s in inputs:
            ids = tokenizer(s, add_special_tokens=False)["input_ids"]
            rows.append(
                {
                    "text": s,
                    "ids": ids,
                    "decoded": tokenizer.decode(ids),
                    "plain": tokenizer.decode(ids, skip_special_tokens=True),
                }
            )
        return rows

    def chats(tokenizer):
        rows = []
        for messages in CHATS:
            for prompt in (False, True):
                s = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=prompt)
                rows.append(
                    {"messages": messages, "addGenerationPrompt": prompt, "text": s, "ids": tokenizer(s)["input_ids"]}
                )
        return rows

    inputs = strings()
    for s in inputs:  # the raw library, without transformers around it, agrees
        assert bpe.encode(s, add_special_tokens=False).ids == hf(s, add_special_tokens=False)["input_ids"], s
    r = random.Random(1)
    loose = [[r.randrange(len(hf)) for _ in range(r.randint(1, 12))] for _ in range(200)]
    pocket_inputs = [
        " ".join(
            r.choice(
                [
                    "left",
                    "right",
                    "rotate",
                    "90",
                    "(a)",
                    "日本",
                    "nope",
                    "<answer>",
                    "</answer>",
                    "constructor",
                    "__proto__",
                    "toString",
                    "\n",
                    "a:",
                    "<|image_pad|>",
                    "x<|lvr_sep|>left",
                ]
            )
            for _ in range(r.randint(0, 10))
        )
        for _ in range(60)
    ]
    golden = {
        "made_by": "python/lintel_reference/goldens/tokenizer.py",
        "tokenizers": tokenizers.__version__,
        "transformers": transformers.__version__,
        "size": len(hf),
        "cases": cases(hf, inputs),
        "loose": [{"ids": i, "decoded": hf.decode(i)} for i in loose],
        "chats": chats(hf),
        "pocket": {"size": len(pocket), "cases": cases(pocket, pocket_inputs), "chats": chats(pocket)},
    }

    def pack(name, data):
        (OUT / name).write_bytes(gzip.compress(data.encode(), 9, mtime=0))

    pack("bpe.tokenizer.json.gz", text)
    write_json(OUT / "bpe.tokenizer_config.json", CONFIG, ascii_only=True)
    pack("cases.json.gz", json.dumps(golden, ensure_ascii=False, separators=(",", ":")))
    print(len(golden["cases"]), "strings")


if __name__ == "__main__":
    main()
