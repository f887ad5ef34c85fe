"""WM-VLM's loop, written again from its repository (yuh-zha/WM-VLM, commit 7c61619): a faithful reimplementation, not its code.

    python -m lintel_reference.wm_vlm OUT [middle|bottom BLOCKS]    writes a tiny random checkpoint
    python -m lintel_reference.wm_vlm < ASKED.json > FOUND.json     for test/wm-vlm.long.test.ts: texts and latents of examples

It works as theirs does (wm_vlm/generation.py, wm_vlm/modeling.py): one example at a time, no caches, the whole text read again
for every token and for every step of the flow; in a block, every layer of the trunk reads the text, tokens of the block pass by
all layers but the branch's, whose attention is one over both kinds of keys. The engine's adapter does none of that.
"""

import json
import math
import sys
from pathlib import Path
from typing import Any

import torch
from PIL import Image as Picture
from safetensors.torch import load_file, save_file
from torch import Tensor

from lintel_engine.model import accepted, load
from lintel_engine.processors import load_processor
from lintel_reference import tiny

LATENTS = 6
TOKENS = {"wm_vlm_latent_start_id": "<|lvr_start|>", "wm_vlm_latent_token_id": "<|lvr_sep|>"}
TOKENS |= {"wm_vlm_latent_end_id": "<|lvr_end|>"}
LAYERS = 5
INPUTS = ("input_ids", "attention_mask", "pixel_values", "image_grid_thw")


def write(out: Path, placement: str = "middle", branch_layers: int = 2, blocks: int = 2) -> Path:
    """Writes a tiny random checkpoint whose names are those of the family's own."""
    case = tiny.CASES["qwen2_5_vl"]
    words = tiny.tokenizer(case)
    ids = words.get_vocab()
    model = tiny.qwen2_5_vl(ids, num_hidden_layers=LAYERS)
    tiny.randomize(model, 77)
    g = torch.Generator().manual_seed(78)
    width = model.config.text_config.hidden_size
    total = {name: p.detach().clone() for name, p in model.state_dict().items()}

    def like(p: Tensor, norm: bool) -> Tensor:
        noise = torch.randn(p.shape, generator=g)
        return 1 + 0.2 * noise if norm else 0.2 * noise if p.ndim == 1 else noise / p.shape[-1] ** 0.5

    for layer in indices(LAYERS, branch_layers, placement):
        prefix = f"model.language_model.layers.{layer}."
        for name in [n for n in total if n.startswith(prefix)]:
            total[f"{prefix}generation_{name.removeprefix(prefix)}"] = like(total[name], "norm" in name)
    total["generation_final_norm.weight"] = like(torch.empty(width), True)
    shapes = {"flow_time_embedding.mlp.0": (width, width), "flow_time_embedding.mlp.2": (width, width)}
    for name, shape in (shapes | {"flow_velocity_head": (width, width)}).items():
        total[f"{name}.weight"] = like(torch.empty(shape), False)
        total[f"{name}.bias"] = like(torch.empty(width), False)
    # Text that opens one or two blocks within few words: what the output layer reads the start marker from.
    liked = torch.randn(width, generator=torch.Generator().manual_seed(1))
    total["lm_head.weight"][ids["<|lvr_start|>"]] = liked * 8 / width**0.5
    tiny.write("qwen2_5_vl", out)
    config = json.loads((out / "config.json").read_text())
    own = model.config.to_dict()
    config["text_config"] = own["text_config"]
    config |= {"model_type": "wm_vlm", "architectures": ["WMVLMForConditionalGeneration"]}
    config |= {key: ids[token] for key, token in TOKENS.items()}
    config |= {"wm_vlm_latent_size": LATENTS, "wm_vlm_num_layers": branch_layers, "wm_vlm_layer_placement": placement}
    config |= {
        "wm_vlm_flow_noise_scale": 0.9,
        "wm_vlm_max_latent_blocks": blocks,
        "wm_vlm_target_mode": "full_vision_tokens",
        # Six tokens, of two rows.
        "wm_vlm_helper_min_pixels": 24 * 36,
        "wm_vlm_helper_max_pixels": 24 * 36,
    }
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    save_file({name: t.contiguous() for name, t in total.items()}, out / "model.safetensors", {"format": "pt"})
    return out


def indices(total: int, count: int, placement: str) -> list[int]:
    """The branch's layers."""
    start = {"bottom": 0, "middle": (total - count) // 2, "top": total - count}[placement]
    return list(range(start, start + count))


def features_of(base: Any, pixels: Tensor, grids: Tensor) -> list[Tensor]:
    """Features of images, which transformers 5 gives as an output with named parts."""
    found = base.get_image_features(pixels, grids)
    return list(getattr(found, "pooler_output", found))


class Reference:
    """The trunk as transformers has it, and the tensors of the branch."""

    def __init__(self, model: Any, path: Path) -> None:
        self.model = model
        self.config = json.loads((path / "config.json").read_text())
        self.tensors = load_file(path / "model.safetensors")
        text = self.model.config.get_text_config()
        place = self.config["wm_vlm_layer_placement"]
        self.branch = indices(text.num_hidden_layers, self.config["wm_vlm_num_layers"], place)
        self.text = text
        # What follows a text that has no block yet, by its ids: interventions differ only behind that.
        self.next: dict[tuple[int, ...], int] = {}

    def linear(self, x: Tensor, name: str) -> Tensor:
        return torch.nn.functional.linear(x, self.tensors[f"{name}.weight"], self.tensors.get(f"{name}.bias"))

    def norm(self, x: Tensor, name: str) -> Tensor:
        scale = torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.text.rms_norm_eps)
        return self.tensors[f"{name}.weight"] * x * scale

    def routed(self, x: Tensor, at: Tensor, layer: int, positions: Tensor, moment: Tensor) -> Tensor:
        """A layer of the branch over the whole text x [T, D], `at` [T] being the block's tokens."""
        prefix = f"model.language_model.layers.{layer}."
        count, heads, kv = len(x), self.text.num_attention_heads, self.text.num_key_value_heads
        size = x.shape[1] // heads
        text = self.norm(x, f"{prefix}input_layernorm")
        own = self.norm(x, f"{prefix}generation_input_layernorm") + moment

        def both(name: str, a: Tensor, b: Tensor) -> Tensor:
            theirs = self.linear(b, f"{prefix}generation_{name}")
            return torch.where(at[:, None], theirs, self.linear(a, prefix + name))

        parts = [both(f"self_attn.{n}_proj", text, own).view(count, -1, size).transpose(0, 1) for n in "qkv"]
        cos, sin = self.model.model.language_model.rotary_emb(x[None], positions)
        if cos.ndim == 4:
            # Until version 5 of transformers the axes are put together by who reads them.
            sections = self.text.rope_scaling["mrope_section"] * 2
            cos, sin = (torch.cat([m[i % 3] for i, m in enumerate(t.split(sections, -1))], -1) for t in (cos, sin))
        cos, sin = cos[0], sin[0]
        query, key = (p * cos + torch.cat([-p[..., size // 2 :], p[..., : size // 2]], -1) * sin for p in parts[:2])
        key, value = (p.repeat_interleave(heads // kv, 0) for p in (key, parts[2]))
        scores = query @ key.transpose(1, 2) / math.sqrt(size)
        order = torch.arange(count)
        seen = (order[None] <= order[:, None]) | (at[None] & at[:, None])
        out = scores.masked_fill(~seen, -torch.inf).softmax(-1) @ value
        flat = out.transpose(0, 1).reshape(count, -1)
        x = x + both("self_attn.o_proj", flat, flat)

        def mlp(norm: str, part: str) -> Tensor:
            read = self.norm(x, f"{prefix}{norm}")
            gate = torch.nn.functional.silu(self.linear(read, f"{prefix}{part}.gate_proj"))
            return self.linear(gate * self.linear(read, f"{prefix}{part}.up_proj"), f"{prefix}{part}.down_proj")

        text = mlp("post_attention_layernorm", "mlp")
        return x + torch.where(at[:, None], mlp("generation_post_attention_layernorm", "generation_mlp"), text)

    def velocity(self, vectors: Tensor, at: Tensor, positions: Tensor, time: float) -> Tensor:
        """Velocity of the block's tokens; `vectors` [T, D] are the embedded text with the states in it."""
        half = self.tensors["flow_time_embedding.mlp.0.weight"].shape[1] // 2
        frequencies = torch.exp(-math.log(10_000.0) * torch.arange(half) / max(half - 1, 1))
        wave = torch.cat([torch.cos(time * frequencies), torch.sin(time * frequencies)])
        hidden = torch.nn.functional.silu(self.linear(wave, "flow_time_embedding.mlp.0"))
        moment = self.linear(hidden, "flow_time_embedding.mlp.2")
        language = self.model.model.language_model
        count = len(vectors)
        order = torch.arange(count)
        # The trunk's layers: text does not see the block, whose tokens see themselves and are put back afterwards.
        seen = ((order[None] <= order[:, None]) & ~at[None] & ~at[:, None]) | torch.eye(count, dtype=torch.bool)
        mask = torch.zeros(count, count).masked_fill(~seen, torch.finfo(torch.float32).min)[None, None]
        x, kept = vectors, vectors
        for number, layer in enumerate(language.layers):
            if number in self.branch:
                x = self.routed(x, at, number, positions, moment)
                kept = torch.where(at[:, None], x, kept)
            else:
                rotary = language.rotary_emb(x[None], positions)
                out = layer(x[None], attention_mask=mask, position_embeddings=rotary)
                x = torch.where(at[:, None], kept, (out[0] if isinstance(out, tuple) else out).view_as(x))
        return self.linear(self.norm(x, "generation_final_norm")[at], "flow_velocity_head")

    @torch.no_grad()
    def generate(
        self, inputs: dict[str, Tensor], words: int, steps: int = 1, oracle: Tensor | None = None
    ) -> tuple[list[int], list[Tensor]]:
        """Ids after the prompt and the latents of each block; `oracle` [blocks, latents, D] is injected instead, of which a
        block has as many slots as there are latents."""
        start, pad, end = (self.config[key] for key in TOKENS)
        count, limit = self.config["wm_vlm_latent_size"], self.config["wm_vlm_max_latent_blocks"]
        base = self.model.model
        ids = inputs["input_ids"][0].tolist()
        prompt = len(ids)
        features = torch.cat(features_of(base, inputs["pixel_values"], inputs["image_grid_thw"]))
        if oracle is not None:
            count = oracle.shape[1]
        blocks: list[Tensor] = []
        names = ("vision_start_token_id", "image_token_id", "video_token_id")
        # Where the latents of blocks stand; random weights write their token elsewhere, too.
        filled: list[int] = []
        marks = torch.tensor([getattr(self.model.config, name) for name in names])

        def embedded() -> tuple[Tensor, Tensor]:
            now = torch.tensor([ids])
            vectors = self.model.get_input_embeddings()(now)[0].clone()
            vectors[:prompt][now[0, :prompt] == self.model.config.image_token_id] = features
            # Random weights write marks of images, behind which get_rope_index looks for one.
            now = torch.cat([now[:, :prompt], now[:, prompt:].masked_fill(torch.isin(now[:, prompt:], marks), 0)], 1)
            if blocks and count > 0:
                vectors[torch.tensor(filled[: count * len(blocks)])] = torch.cat(blocks)
            kinds = (now == self.model.config.image_token_id).int()
            given = {"image_grid_thw": inputs["image_grid_thw"], "attention_mask": torch.ones_like(now)}
            more = accepted(base.get_rope_index, mm_token_type_ids=kinds)
            return vectors, base.get_rope_index(input_ids=now, **given, **more)[0]

        for _ in range(words):
            text = tuple(ids)
            known = None if blocks else self.next.get(text)
            if known is None:
                vectors, positions = embedded()
                state = base(inputs_embeds=vectors[None], position_ids=positions).last_hidden_state[0, -1]
                known = int(self.model.lm_head(state).argmax())
            if not blocks:
                self.next[text] = known
            ids.append(known)
            if ids[-1] == start and len(blocks) >= limit:
                break
            if ids[-1] == start:
                filled += range(len(ids), len(ids) + count)
                ids += [pad] * count
                if oracle is not None:
                    blocks.append(oracle[len(blocks)])
                else:
                    noise = torch.randn(1, count, self.text.hidden_size, generator=torch.Generator().manual_seed(0))
                    states = noise[0] * self.config["wm_vlm_flow_noise_scale"]
                    vectors, positions = embedded()
                    at = torch.arange(len(ids)) >= len(ids) - count
                    for n in range(steps):
                        vectors[at] = states
                        states = states + self.velocity(vectors, at, positions, n / steps) / steps
                    blocks.append(states)
                ids.append(end)
            elif ids[-1] == self.model.generation_config.eos_token_id:
                break
        return ids[prompt:], blocks


def answer(reference: Reference, processor: Any, example: dict[str, Any], words: int) -> dict[str, Any]:
    """Texts under own, oracle, zeros and skip, and the own latents of the first block."""
    read = [Picture.open(path).convert("RGB") for path in example["images"]]
    text = processor.apply_chat_template(example["messages"], tokenize=False, add_generation_prompt=True)
    inputs = {k: v for k, v in processor(text=[text], images=read, return_tensors="pt").items() if k in INPUTS}
    base, config = reference.model.model, reference.config
    helpers = [Picture.open(path).convert("RGB") for path in example["helpers"]]
    # The backend's processor of helper images (evaluate_vlm/wm_vlm_backend.py).
    bounds = {"min_pixels": config["wm_vlm_helper_min_pixels"], "max_pixels": config["wm_vlm_helper_max_pixels"]}
    seen = processor.image_processor(images=helpers, return_tensors="pt", **bounds)
    oracle = torch.stack(features_of(base, seen["pixel_values"], seen["image_grid_thw"]))
    limit, width = config["wm_vlm_max_latent_blocks"], reference.text.hidden_size
    given = {
        "own": None,
        "oracle": oracle,
        "zeros": torch.zeros(limit, config["wm_vlm_latent_size"], width),
        "skip": torch.zeros(limit, 0, width),
    }
    texts = {}
    eos = reference.model.generation_config.eos_token_id
    start = config["wm_vlm_latent_start_id"]
    own: list[Tensor] = []
    # Of this example's images.
    reference.next.clear()
    for name, latents in given.items():
        ids, blocks = reference.generate(inputs, words, oracle=latents)
        own = own if latents is not None else blocks
        # The end of text, and a start marker beyond the last block, end it.
        over = ids[-1] == eos or (ids[-1] == start and ids.count(start) > limit)
        texts[name] = processor.tokenizer.decode(ids[:-1] if over else ids, clean_up_tokenization_spaces=False)
    return {"texts": texts, "own": own[0].tolist() if own else None, "blocks": len(own)}


def main() -> None:
    if len(sys.argv) > 1:
        out, *more = sys.argv[1:]
        options: dict[str, Any] = {"placement": more[0], "blocks": int(more[1])} if more else {}
        print(f"wrote {write(Path(out), **options)}")
        return
    torch.set_num_threads(1)
    asked = json.load(sys.stdin)
    path = Path(asked["model"])
    engine = load(str(path), dtype="float32", deviceMap="cpu")
    reference, processor = Reference(engine.model, path), load_processor(str(path))
    json.dump([answer(reference, processor, each, asked["words"]) for each in asked["examples"]], sys.stdout)


if __name__ == "__main__":
    main()
