"""Greedy decoding in float32 by transformers, not compiled: python bench/decode/peer.py DIRECTORY IDS_JSON TOKENS THREADS IMAGE."""
import json
import re
import sys
import time

import torch
import transformers

directory, ids, tokens, threads, side = sys.argv[1], json.loads(sys.argv[2]), *map(int, sys.argv[3:6])
torch.set_num_threads(threads)
started = time.perf_counter()
model = transformers.Qwen2_5_VLForConditionalGeneration.from_pretrained(directory, dtype=torch.float32)
model.eval()


def image_of(side):
    """Patches of an image, the same on both sides, and the ids that stand for it."""
    vision, config = model.config.vision_config, model.config
    size = vision.in_channels * vision.temporal_patch_size * vision.patch_size**2
    patches = ((torch.arange(side * side * size) * 7919) % 2003 / 1001.5 - 1).float().reshape(side * side, size)
    tokens = [config.image_token_id] * (side // vision.spatial_merge_size) ** 2
    ids = [config.vision_start_token_id, *tokens, config.vision_end_token_id]
    return ids, {"pixel_values": patches, "image_grid_thw": torch.tensor([[1, side, side]])}


def decode(ids, count, side=0):
    """Seconds to the first token, and of each behind it. `side`: patches along an image before the words."""
    begun = time.perf_counter()
    before, image = image_of(side) if side else ([], {})
    out = model(input_ids=torch.tensor([before + ids]), use_cache=True, logits_to_keep=1, **image)
    written = [int(out.logits[0, -1].argmax())]
    first = time.perf_counter() - begun
    each = []
    for i in range(count - 1):
        stepped = time.perf_counter()
        cache_position = torch.tensor([len(ids) + i])
        out = model(
            input_ids=torch.tensor([[written[-1]]]),
            past_key_values=out.past_key_values,
            cache_position=cache_position,
            use_cache=True,
        )
        written.append(int(out.logits[0, -1].argmax()))
        each.append(time.perf_counter() - stepped)
    return first, each, written


with torch.inference_mode():
    decode(ids[:8], 1, 4 if side else 0)
    load = time.perf_counter() - started
    first, each, written = decode(ids, tokens)
    # First tokens are few and disturbed easily: of three, the fastest, here as on the other side.
    first = min(first, *(decode(ids, 1)[0] for _ in range(2)))
    seen = min(decode(ids, 1, side)[0] for _ in range(3)) if side else None
peak = int(re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read()).group(1)) / 1024
print(
    json.dumps(
        {
            "load": load,
            "first": first,
            "each": each,
            "written": written,
            "seen": seen,
            "peakMiB": round(peak),
            "torch": torch.__version__,
            "transformers": transformers.__version__,
        }
    )
)
