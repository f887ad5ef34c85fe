"""The pocket study in PyTorch, as one would write it for CPUs: python peer.py JSON. Prints one JSON line.

{"run": directory with datasets/, "cells": [...] of study.json, "checkpoints": {cell: directory of initial weights},
 "orders": {cell: examples of every step}, "threads": n, "out": directory for checkpoints}

Data are Lintel's; the rest is a plain loop over PyTorch: AdamW on the same batches, evaluations on the way as the study has
them, and an audit that generates anew under every intervention. Features of images are computed once.
"""
import io
import json
import math
import re
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from data import Reader, read_split
from network import image_features, load_decoder

BATCH = 500
asked = json.loads(Path(sys.argv[1]).read_text())
torch.set_num_threads(asked["threads"])
torch.manual_seed(0)


def training_tensors(reader, rows, latents):
    """All sequences padded on the right: [n, T] ids, features in the place of ids, what is learned where."""
    made = []
    for row in rows:
        ids, features, grids = reader.prompt(row)
        made.append((ids, reader.response(row, latents), features, reader.latents(row["helpers"]) if latents else [], grids))
    T = max(len(ids) + len(answer) for ids, answer, *_ in made) - 1
    c, n = reader.config, len(made)
    ids = torch.zeros(n, T + 1, dtype=torch.long)
    x = torch.zeros(n, T + 1, c["hidden_size"])
    replaced, learned, slot = (torch.zeros(n, T + 1, dtype=torch.bool) for _ in range(3))
    for i, (prompt, answer, features, blocks, _) in enumerate(made):
        row, first = torch.tensor(prompt + answer), len(prompt)
        images = row == c["image_token_id"]
        slots = (row == c["lvr_sep_id"]) & (torch.arange(len(row)) >= first)
        ids[i, : len(row)] = row
        x[i, : len(row)][images] = features
        if latents:
            x[i, : len(row)][slots] = torch.cat(blocks)
        replaced[i, : len(row)] = images | slots
        slot[i, first - 1 : len(row) - 1] = slots[first:]
        learned[i, first - 1 : len(row) - 1] = ~slots[first:]
    positions = reader.rotary_positions(ids[:, :T], [grids for *_, grids in made])
    return {"ids": ids, "x": x, "replaced": replaced, "learned": learned, "slot": slot, "positions": positions}


def train(decoder, reader, rows, follow, cell, order):
    settings, latents = cell["training"], cell["latentWeight"] is not None
    data = training_tensors(reader, rows, latents)
    rank = lambda least: [w for w in decoder.parameters() if (w.dim() >= 2) == least]
    optimizer = torch.optim.AdamW(
        [{"params": rank(True), "weight_decay": settings["weightDecay"]}, {"params": rank(False), "weight_decay": 0.0}],
        lr=settings["learningRate"], betas=(0.9, 0.98), eps=1e-8, fused=True,
    )
    steps, warmup, floor = settings["steps"], settings["warmup"], settings["floor"]
    losses = []
    for step in range(steps):
        progress = min(1, (step - warmup) / max(1, steps - warmup))
        share = (step + 1) / warmup if step < warmup else floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * progress))
        for group in optimizer.param_groups:
            group["lr"] = settings["learningRate"] * share
        at = torch.tensor(order[step])
        b = {k: v[:, at] if k == "positions" else v[at] for k, v in data.items()}
        b = {k: v if k == "positions" else (v[:, :-1], v[:, 1:]) for k, v in b.items()}
        (ids, next_ids), (x, next_x) = b["ids"], b["x"]
        learned, slot = b["learned"][0], b["slot"][0]
        inputs = torch.where(b["replaced"][0].unsqueeze(-1), x, decoder.model.embed_tokens(ids))
        h = decoder(inputs, *decoder.rotary(b["positions"]))
        # The last norm and the words of those positions alone that something is learned at.
        loss = F.cross_entropy(decoder.logits(decoder.model.norm(h[learned])), next_ids[learned])
        if latents:
            loss = loss + cell["latentWeight"] * F.mse_loss(decoder.model.norm(h[slot]), next_x[slot])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(decoder.parameters(), settings["clip"])
        optimizer.step()
        losses.append(loss.item())
        if (step + 1) % settings["followEvery"] == 0 or step + 1 == steps:
            oracle = [reader.latents(row["helpers"]) for row in follow] if latents else None
            for name in ["own", "oracle", "zeros"] if latents else ["own"]:
                fixed = {"own": None, "oracle": oracle, "zeros": oracle and [[torch.zeros_like(z) for z in o] for o in oracle]}[name]
                generate(decoder, reader, follow, fixed)
    return losses


@torch.inference_mode()
def generate(decoder, reader, rows, fixed=None, limit=32, skip=False):
    """Greedy replies, the model's own latents, and choices: latents of a block are its own states, or the given ones."""
    c, answers, found = reader.config, [], []
    k, (start, pad, end) = c["latent_size"], (c[f"lvr_{name}_id"] for name in ("start", "sep", "end"))
    for first in range(0, len(rows), BATCH):
        some = rows[first : first + BATCH]
        made = [reader.prompt(row) for row in some]
        lengths = torch.tensor([len(ids) for ids, *_ in made])
        P, B = int(lengths.max()), len(some)
        ids = torch.zeros(B, P, dtype=torch.long)
        x = torch.zeros(B, P, c["hidden_size"])
        positions = torch.zeros(3, B, P, dtype=torch.long)
        for n in lengths.unique().tolist():
            rows_of = (lengths == n).nonzero().flatten()
            ids[rows_of, P - n :] = torch.tensor([made[i][0] for i in rows_of.tolist()])
            positions[:, rows_of, P - n :] = reader.rotary_positions(ids[rows_of, P - n :], [made[i][2] for i in rows_of.tolist()])
        images = ids == c["image_token_id"]
        x = torch.where(images.unsqueeze(-1), x, decoder.model.embed_tokens(ids))
        x[images] = torch.cat([features for _, features, _ in made])
        visible = torch.arange(P) >= (P - lengths).unsqueeze(1)
        padded = not bool(visible.all())
        mask = (visible[:, None, None, :] & torch.ones(P, P, dtype=torch.bool).tril()) if padded else None
        attention = decoder.model.layers[0].self_attn
        caches = [tuple(torch.empty(B, attention.kv, P + limit + k + 3, attention.d) for _ in range(2)) for _ in decoder.model.layers]
        h = decoder.model.norm(decoder(x, *decoder.rotary(positions), mask=mask, caches=caches)[:, -1])
        used, position = P, positions.amax((0, 2)) + 1
        left = torch.full((B,), -1)  # latents still to be fed; −1: no block yet, −2: behind it
        ended = torch.zeros(B, dtype=torch.bool)
        written, mine = [], torch.zeros(B, k, c["hidden_size"])
        given = None if fixed is None else torch.stack([torch.cat(z)[:k] if len(z) else torch.zeros(k, c["hidden_size"]) for z in fixed[first : first + BATCH]])
        for _ in range(limit + k + 3):
            token = decoder.logits(h).argmax(-1)
            if skip:
                left[left == k] = 0
            token = torch.where(left == 0, end, torch.where(left > 0, pad, token))
            token[ended] = 0
            x = decoder.model.embed_tokens(token)
            inside = left > 0
            if inside.any():
                slot = k - left[inside]
                latent = h[inside] if given is None else given[inside, slot]
                mine[inside, slot] = latent
                x[inside] = latent
            left = torch.where((token == start) & (left == -1), k, torch.where(left > 0, left - 1, torch.where(left == 0, -2, left)))
            written.append(token)
            ended |= token == reader.tokenizer.eos_token_id
            if ended.all():
                break
            visible = torch.cat([visible, torch.ones(B, 1, dtype=torch.bool)], 1)
            seen = visible[:, None, None, :] if padded else None
            rotary = decoder.rotary(position.expand(3, B).unsqueeze(-1))
            h = decoder.model.norm(decoder(x.unsqueeze(1), *rotary, mask=seen, caches=caches, used=used)[:, 0])
            used, position = used + 1, position + 1
        words = {i: word for word, i in reader.tokenizer.get_vocab().items()}
        for row, reply in zip(some, torch.stack(written, 1).tolist()):
            said = re.search(r"<answer> (.*?) </answer>", " ".join(words[i] for i in reply))
            answers.append(row["options"].index(said[1]) if said and said[1] in row["options"] else None)
        found.append(mine)
    return answers, torch.cat(found)


def crops(reader, rows, generator):
    """Features of a random region of an input image for each example, as latents."""
    pictures = []
    for row in rows:
        image = Image.open(io.BytesIO(row["images"][int(torch.randint(len(row["images"]), (1,), generator=generator))]["bytes"])).convert("RGB")
        w, h = (max(1, int(s * (0.1 + 0.4 * float(torch.rand(1, generator=generator))))) for s in image.size)
        left, top = (int(torch.randint(s - part + 1, (1,), generator=generator)) for s, part in zip(image.size, (w, h)))
        patches, grid = reader.prepared(image.crop((left, top, left + w, top + h)))
        pictures.append((patches, grid))
    by_grid = {}
    for i, (patches, grid) in enumerate(pictures):
        by_grid.setdefault(grid, []).append((i, patches))
    found = [None] * len(rows)
    k = reader.config["latent_size"]
    for grid, some in by_grid.items():
        with torch.inference_mode():
            features = image_features(reader.checkpoint, reader.config, torch.from_numpy(np.stack([p for _, p in some])), grid)
        for (i, _), each in zip(some, features):
            found[i] = [torch.stack([part.mean(0) for part in each.tensor_split(min(k, len(each)))]).expand(k, -1)]
    return found


def interval(right, n, z=1.959964):
    p, d = right / n, 1 + z * z / n
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return [(p + z * z / (2 * n) - half) / d, (p + z * z / (2 * n) + half) / d]


def mcnemar(a, b):
    """Exact two-sided p of paired answers."""
    less, more = sum(x < y for x, y in zip(a, b)), sum(x > y for x, y in zip(a, b))
    n, k = less + more, min(less, more)
    return min(1.0, 2 * sum(math.comb(n, i) for i in range(k + 1)) / 2**n) if n else 1.0


def audit(decoder, reader, rows, names, limit):
    """Accuracies under every intervention: one run of generate for each."""
    g = torch.Generator().manual_seed(0)
    choices, own = generate(decoder, reader, rows, limit=limit)
    answers = {"own": choices}
    if len(names) > 1:
        oracle = [reader.latents(row["helpers"]) for row in rows]
        stacked, targets = own, torch.stack([z[0] for z in oracle])
        turned = torch.roll(torch.arange(len(rows)), 1)
        each = lambda z: [[one] for one in z]
        wrong = []
        for row in rows:
            options = [h for h in row["counterfactuals"] if h]
            wrong.append(reader.latents(options[int(torch.randint(len(options), (1,), generator=g))]) if options else None)
        fixed = {
            "oracle": lambda: each(targets),
            "zeros": lambda: each(torch.zeros_like(own)),
            "noise": lambda: each(torch.randn(own.shape, generator=g)),
            "noise-matched": lambda: each(stacked.mean(0) + stacked.std(0, correction=0) * torch.randn(own.shape, generator=g)),
            "mean": lambda: each(stacked.mean(0).expand_as(own)),
            "mean-oracle": lambda: each(targets.mean(0).expand_as(own)),
            "shuffle": lambda: each(torch.stack([z[torch.randperm(len(z), generator=g)] for z in own])),
            "other-own": lambda: each(own[turned]),
            "other-oracle": lambda: each(targets[turned]),
            "random-crop": lambda: crops(reader, rows, g),
        }
        for name in names[1:]:
            if name == "skip":
                answers[name] = generate(decoder, reader, rows, limit=limit, skip=True)[0]
            elif name == "counterfactual":
                some = [i for i, z in enumerate(wrong) if z]
                replies = generate(decoder, reader, [rows[i] for i in some], [wrong[i] for i in some], limit)[0] if some else []
                answers[name] = dict(zip(some, replies))
            else:
                answers[name] = generate(decoder, reader, rows, fixed[name](), limit)[0]
        flat = F.normalize(own.mean(1), dim=-1)
        oracles = F.normalize(targets.mean(1), dim=-1)
        gallery = oracles[:300]
        geometry = {
            "pairwise": float(((flat.sum(0) ** 2).sum() - len(flat)) / (len(flat) * (len(flat) - 1))),
            "rank": float(torch.linalg.svdvals(own.mean(1) - own.mean(1).mean(0)).square().sum()),
            "r1": float((flat[:300] @ gallery.T).argmax(1).eq(torch.arange(len(gallery))).float().mean()),
        }
    truth = [row["answer"] for row in rows]
    right = {name: [int(found[i] == truth[i]) for i in (found if isinstance(found, dict) else range(len(found)))] for name, found in answers.items()}
    result = {name: {"accuracy": sum(r) / len(r), "interval": interval(sum(r), len(r))} for name, r in right.items() if r}
    for name, r in right.items():
        if name != "own" and len(r) == len(right["own"]):
            result[name]["p"] = mcnemar(r, right["own"])
    return {**result, **({"geometry": geometry} if len(names) > 1 else {})}


started, used = time.perf_counter(), time.process_time()
report = {}
for cell in asked["cells"]:
    began = time.perf_counter()
    name = f"{cell['task']}/{cell['recipe']}"
    directory = Path(asked["run"]) / "datasets" / cell["task"]
    decoder, config = load_decoder(Path(asked["checkpoints"][name]))
    if cell.get("base"):
        own = torch.load(Path(asked["out"]) / f"{cell['base'].replace('/', '-')}.pt")
        decoder.load_state_dict(own)
    reader = Reader(asked["checkpoints"][name], config)
    rows, follow = read_split(directory, "train"), read_split(directory, "eval")[: cell["training"]["followExamples"]]
    losses = train(decoder, reader, rows, follow, cell, asked["orders"][name])
    torch.save(decoder.state_dict(), Path(asked["out"]) / f"{name.replace('/', '-')}.pt")
    trained = time.perf_counter()
    audits = {}
    for one in cell["audits"]:
        audits[one["split"]] = audit(decoder, reader, read_split(directory, one["split"]), one["interventions"], one["maxTokens"])
    report[name] = {"losses": [losses[0], *losses[1:5], losses[-1]], "audits": audits, "training": trained - began, "audit": time.perf_counter() - trained}
print(json.dumps({"cells": report, "seconds": time.perf_counter() - started, "cpu": time.process_time() - used, "torch": torch.__version__}))
