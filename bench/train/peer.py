"""One case of `npm run bench:train` in PyTorch: python peer.py DIR THREADS eager|compile. Prints one JSON line.

A lean decoder of the same form (fused scaled-dot-product attention, packed nothing, logits of supervised positions only)
rather than transformers' own modules, whose Python costs more than the pocket model's arithmetic.
"""
import json
import resource
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F

directory, threads, mode = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
torch.set_num_threads(threads)
index = json.loads((directory / "index.json").read_text())
config, B, T = index["config"], index["batch"], index["length"]
heads, kv, d = config["heads"], config["kvHeads"], config["headDim"]
dtypes = {"float32": torch.float32, "int64": torch.int64, "bool": torch.bool}


def load(file, dtype, shape):
    return torch.frombuffer(bytearray((directory / file).read_bytes()), dtype=dtype).reshape(shape)


W = {name: load(name, torch.float32, shape).requires_grad_() for name, shape in index["weights"].items()}
batches = [
    {key: load(f"batch{i}-{key}", dtypes[v["dtype"]], v["shape"]) for key, v in b.items()}
    for i, b in enumerate(index["batches"])
]


# Lintel's rows stand token by token and its embedding index counts features after the vocabulary: PyTorch gets them
# example by example, as it likes them, prepared outside of what is timed.
V = config["vocabSize"]
for b in batches:
    by_example = lambda x: x.view(T, B, *x.shape[1:]).transpose(0, 1).contiguous()
    source = by_example(b["source"])
    b["replaced"] = (source >= V).unsqueeze(-1)
    b["ids"] = torch.where(source < V, source, 0)
    b["featureRow"] = torch.where(source >= V, source - V, 0)
    place = by_example(b["rows"].reshape(-1))
    b["cos"], b["sin"] = b["cos"][place].unsqueeze(1), b["sin"][place].unsqueeze(1)
    row = lambda asked: (asked % B) * T + asked // B
    b["supervised"], b["beforeSlot"] = row(b["asked"][b["supervised"]]), row(b["asked"][b["beforeSlot"]])


def rotate(x, cos, sin):
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


def loss_of(b, W):
    x = torch.where(b["replaced"], b["features"][b["featureRow"]], F.embedding(b["ids"], W["model.embed_tokens.weight"]))
    cos, sin = b["cos"], b["sin"]
    for i in range(config["layers"]):
        p = f"model.layers.{i}."
        y = F.rms_norm(x, x.shape[-1:], W[p + "input_layernorm.weight"], config["rmsNormEps"])
        a = p + "self_attn."
        part = lambda n, h: F.linear(y, W[a + n + "_proj.weight"], W[a + n + "_proj.bias"]).view(B, T, h, d).transpose(1, 2)
        q, k, v = rotate(part("q", heads), cos, sin), rotate(part("k", kv), cos, sin), part("v", kv)
        c = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=heads != kv)
        x = x + F.linear(c.transpose(1, 2).reshape(B, T, heads * d), W[a + "o_proj.weight"])
        y = F.rms_norm(x, x.shape[-1:], W[p + "post_attention_layernorm.weight"], config["rmsNormEps"])
        m = p + "mlp."
        gate = F.silu(F.linear(y, W[m + "gate_proj.weight"])) * F.linear(y, W[m + "up_proj.weight"])
        x = x + F.linear(gate, W[m + "down_proj.weight"])
    x = x.reshape(B * T, -1)
    norm = lambda rows: F.rms_norm(x[rows], x.shape[-1:], W["model.norm.weight"], config["rmsNormEps"])
    head = W.get("lm_head.weight", W["model.embed_tokens.weight"])
    text = F.cross_entropy(F.linear(norm(b["supervised"]), head), b["targets"][:, 1])
    latent = F.mse_loss(norm(b["beforeSlot"]), b["features"][b["oracleRow"]])
    return text + 0.1 * latent


decay = [w for w in W.values() if w.dim() >= 2]
rest = [w for w in W.values() if w.dim() < 2]
optimizer = torch.optim.AdamW(
    [{"params": decay, "weight_decay": 0.01}, {"params": rest, "weight_decay": 0.0}],
    lr=1e-3, betas=(0.9, 0.98), eps=1e-8, fused=True,
)
run = torch.compile(loss_of) if mode == "compile" else loss_of
seconds, losses, cpu = [], [], []
for i in range(int(sys.argv[4])):
    start, used = time.perf_counter(), time.process_time()
    optimizer.zero_grad(set_to_none=True)
    loss = run(batches[i % 4], W)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(W.values(), 1.0)
    optimizer.step()
    losses.append(loss.item())
    seconds.append(time.perf_counter() - start)
    cpu.append(time.process_time() - used)
later = sorted(seconds[3:])
print(json.dumps({
    "threads": threads, "mode": mode, "seconds": later[len(later) // 2], "best": min(seconds), "cpu": min(cpu),
    "firstLoss": losses[0], "lastLoss": losses[-1],
    "peakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "torch": torch.__version__,
}))
