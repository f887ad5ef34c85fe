"""What 12 interventions cost on the PyTorch engine: beside own latents alone, and beside a plain script that generates once for each.

    python -m lintel_reference.engine_speed [--shape 0.5B] [--examples 2] [--rounds 2] [--threads N] [--device cpu] [--dtype float32]

Weights are random: only the cost is asked about. The plain script is what somebody writes with transformers alone: the prompts of
the examples as one batch, `generate` with its cache, latents fed by a hook on the embeddings, once for each intervention. Both
read the same prompts and write as many tokens. Prints one JSON line per round, with seconds on the clock and seconds that the
cores worked, which other work on the machine moves less.
"""

import argparse
import json
import os
import threading
import time
from collections.abc import Callable
from typing import Any

import torch
import transformers as tf
from torch import Tensor

from lintel_engine.frames import Array, read_frame, writer
from lintel_engine.handles import fork
from lintel_engine.model import Engine, engine_of
from lintel_engine.prefill import Prompt, prefill
from lintel_engine.run import run

SHAPES: dict[str, dict[str, Any]] = {
    "0.5B": {"hidden_size": 896, "num_hidden_layers": 24, "num_attention_heads": 14, "num_key_value_heads": 2}
    | {"intermediate_size": 4864, "vocab_size": 151936},
    "7B": {"hidden_size": 3584, "num_hidden_layers": 28, "num_attention_heads": 28, "num_key_value_heads": 4}
    | {"intermediate_size": 18944, "vocab_size": 152064},
    "small": {"hidden_size": 256, "num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 2}
    | {"intermediate_size": 1024, "vocab_size": 8192},
    "tiny": {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2}
    | {"intermediate_size": 128, "vocab_size": 1024},
}
# Tokens of a block, of the text behind it, and of the prompts.
SLOTS, TEXT, PROMPT = 8, 20, 426
INTERVENTIONS = 12
START, PAD, END = 5, 6, 7


def model_of(shape: str, device: str, dtype: torch.dtype) -> Any:
    """A decoder of a shape, which is tied where it is small, as Qwen2.5's are."""
    config = tf.Qwen2Config(**SHAPES[shape], tie_word_embeddings=shape != "7B", max_position_embeddings=4096)
    torch.set_default_dtype(dtype)
    with torch.device(device):
        model = tf.Qwen2ForCausalLM(config).eval()
    torch.set_default_dtype(torch.float32)
    model.generation_config = tf.GenerationConfig(eos_token_id=None, pad_token_id=0)
    return model


def prompts_of(shape: str, examples: int) -> list[list[int]]:
    g = torch.Generator().manual_seed(1)
    return torch.randint(10, SHAPES[shape]["vocab_size"], (examples, PROMPT), generator=g).tolist()


@torch.no_grad()
def engine_run(engine: Engine, prompts: list[list[int]], given: Tensor | None) -> None:
    """Own latents, and where there are `given` ones [interventions, slots, D], all interventions from the same prefix."""
    read = prefill(engine, [Prompt(ids, []) for ids in prompts]).handle
    text = {"forbid": [START], "stop": [], "final": [], "limit": TEXT}
    own = {"feed": [[0, START], *[[1, PAD]] * SLOTS, [0, END]], "text": text}
    run(engine, fork(read, list(range(len(prompts)))), [own] * len(prompts))
    if given is None:
        return
    fixed = {"feed": [[0, START], *[[2, PAD]] * SLOTS, [0, END]], "text": text}
    rows = [b for b in range(len(prompts)) for _ in given]
    vectors = given.flatten(0, 1).repeat(len(prompts), 1)
    run(engine, fork(read, rows), [fixed] * len(rows), vectors)


@torch.no_grad()
def plain_run(model: Any, prompts: list[list[int]], given: Tensor) -> None:
    """The same with `generate`: once with own latents, and once for each of `given` [interventions, slots, D]."""
    for latents in [None, *given]:
        generate(model, torch.tensor(prompts, device=model.device), latents)


def generate(model: Any, ids: Tensor, latents: Tensor | None) -> Tensor:
    """Text behind a block of own states, or of `latents` [slots, D]."""
    block = [START, *[PAD] * SLOTS, END]
    last: list[Tensor] = []
    fed = 0

    def keep(module: Any, arguments: tuple[Tensor, ...]) -> None:
        last[:] = [arguments[0][:, -1:]]

    def feed(module: Any, arguments: Any, output: Tensor) -> Tensor | None:
        nonlocal fed
        fed += 1
        # The first call reads the prompt, the second the start marker.
        slot = fed - 3
        if not 0 <= slot < SLOTS:
            return None
        return last[0] if latents is None else latents[slot].expand_as(output).to(output.dtype)

    class Block(tf.LogitsProcessor):
        def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
            at = input_ids.shape[1] - ids.shape[1]
            if at < len(block):
                scores[:] = -torch.inf
                scores[:, block[at]] = 0
            else:
                scores[:, START] = -torch.inf
            return scores

    hooks = [model.lm_head.register_forward_pre_hook(keep), model.model.embed_tokens.register_forward_hook(feed)]
    try:
        return model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=len(block) + TEXT,
            do_sample=False,
            logits_processor=tf.LogitsProcessorList([Block()]),
        )
    finally:
        for hook in hooks:
            hook.remove()


def cross(prompts: list[list[int]], width: int) -> int:
    """Sends through a pipe what an audit of these prompts does, were all of their tokens an image's: features there and back,
    programs with their vectors, ids and own states of every continuation. Gives the bytes."""
    examples, rows = len(prompts), len(prompts) * (INTERVENTIONS - 1)

    def floats(count: int) -> dict[str, Array]:
        return {"vectors": Array("float32", [count, width], torch.zeros(count, width).numpy())}

    def programs(kind: int, count: int) -> list[Any]:
        text = {"forbid": [START], "stop": [], "final": [], "limit": TEXT}
        return [{"feed": [[0, START], *[[kind, PAD]] * SLOTS, [0, END]], "text": text}] * count

    answer = {"written": list(range(TEXT)), "end": "limit", "id": 1, "fed": SLOTS + 2, "cueAt": None, "chosen": []}
    frames = [
        ({"op": "features"}, floats(examples * PROMPT)),
        ({"op": "prefill", "prompts": prompts}, floats(examples * PROMPT)),
        ({"op": "run", "rows": programs(1, examples)}, {}),
        ({"rows": [answer] * examples}, floats(examples * SLOTS)),
        ({"op": "run", "rows": programs(2, rows)}, floats(rows * SLOTS)),
        ({"rows": [answer] * rows}, {}),
    ]
    inward, outward = os.pipe()
    write = writer(outward)
    sending = threading.Thread(target=lambda: [write(header, arrays) for header, arrays in frames])
    sending.start()
    size = 0
    for _ in frames:
        frame = read_frame(inward)
        assert frame is not None
        size += sum(len(array.data) for array in frame.tensors.values()) + len(json.dumps(frame.header))
        # The newline behind a frame.
        os.read(inward, 1)
    sending.join()
    os.close(inward)
    os.close(outward)
    return size


def timed(work: Callable[[], Any], device: str) -> dict[str, float]:
    """Seconds on the clock, and that the cores worked."""

    def wait() -> None:
        if device.startswith("cuda"):
            torch.cuda.synchronize()

    wait()
    clock, cores = time.perf_counter(), time.process_time()
    work()
    wait()
    return {"s": round(time.perf_counter() - clock, 3), "cpu": round(time.process_time() - cores, 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=SHAPES, default="0.5B")
    parser.add_argument("--examples", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", choices=["float32", "bfloat16", "float16"], default="float32")
    parser.add_argument(
        "--plain", type=int, default=INTERVENTIONS, help="interventions that the plain script is timed for"
    )
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    model = model_of(options.shape, options.device, getattr(torch, options.dtype))
    engine = engine_of(model, options.shape)
    prompts = prompts_of(options.shape, options.examples)
    g = torch.Generator().manual_seed(2)
    given = torch.randn(INTERVENTIONS - 1, SLOTS, model.config.hidden_size, generator=g)
    given = given.to(options.device, model.dtype)
    asked: dict[str, Callable[[], Any]] = {
        "own": lambda: engine_run(engine, prompts, None),
        "all": lambda: engine_run(engine, prompts, given),
        "plain": lambda: plain_run(model, prompts, given[: options.plain - 1]),
        "cross": lambda: cross(prompts, model.config.hidden_size),
    }
    engine_run(engine, prompts[:1], given[:1])
    for _ in range(options.rounds):
        took = {name: timed(work, options.device) for name, work in asked.items()}
        # Every intervention costs the plain script the same.
        took["plain"] = {unit: round(x * INTERVENTIONS / options.plain, 3) for unit, x in took["plain"].items()}
        line = {
            "bench": "engine",
            "shape": options.shape,
            "examples": options.examples,
            "interventions": INTERVENTIONS,
            "plainTimed": options.plain,
        }
        costs = {
            "cost": round(took["all"]["s"] / took["own"]["s"], 3),
            "cpuCost": round(took["all"]["cpu"] / took["own"]["cpu"], 3),
            "crossing": round(took["cross"]["s"] / (took["all"]["s"] + took["cross"]["s"]), 4),
            "timesFaster": round(took["plain"]["s"] / took["all"]["s"], 3),
            "cpuTimesFaster": round(took["plain"]["cpu"] / took["all"]["cpu"], 3),
        }
        versions = {"torch": torch.__version__, "transformers": tf.__version__, "threads": options.threads}
        print(
            json.dumps(line | {"dtype": options.dtype, "device": options.device} | took | costs | versions), flush=True
        )


if __name__ == "__main__":
    main()
