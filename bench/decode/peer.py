"""Greedy decoding in float32 by transformers, not compiled: python bench/decode/peer.py DIRECTORY IDS_JSON TOKENS THREADS."""
import json
import re
import sys
import time

import torch
import transformers

directory, ids, tokens, threads = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
torch.set_num_threads(threads)
started = time.perf_counter()
model = transformers.Qwen2_5_VLForConditionalGeneration.from_pretrained(directory, dtype=torch.float32)
model.eval()


def decode(ids, count):
    """Seconds to the first token, and of each behind it."""
    begun = time.perf_counter()
    out = model(input_ids=torch.tensor([ids]), use_cache=True, logits_to_keep=1)
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
    decode(ids[:8], 2)
    load = time.perf_counter() - started
    first, each, written = decode(ids, tokens)
peak = int(re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read()).group(1)) / 1024
print(
    json.dumps(
        {
            "load": load,
            "first": first,
            "each": each,
            "written": written,
            "peakMiB": round(peak),
            "torch": torch.__version__,
            "transformers": transformers.__version__,
        }
    )
)
