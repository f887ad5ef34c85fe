"""Golden of AdamW with warm-up, cosine schedule and clipping, as PyTorch does them: 20 steps on given gradients.

    python -m lintel_reference.goldens.optimizer

Parameters with two or more dimensions get weight decay, one-dimensional ones do not.
"""

import json
import math

import safetensors
import torch
from safetensors.torch import save_file

from lintel_reference.common import GOLDENS

OUT = GOLDENS / "optimizer"
STEPS, WARMUP, FLOOR, LR, DECAY, CLIP, BETAS, EPS = 20, 5, 0.05, 2e-3, 0.01, 1.0, (0.9, 0.98), 1e-8


def rate(step):
    """Linear warm-up to LR at step WARMUP - 1, then a cosine that would reach FLOOR * LR at step STEPS."""
    if step < WARMUP:
        return LR * (step + 1) / WARMUP
    progress = (step - WARMUP) / (STEPS - WARMUP)
    return LR * (FLOOR + (1 - FLOOR) * 0.5 * (1 + math.cos(math.pi * progress)))


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    g = torch.Generator().manual_seed(0)
    shapes = {"matrix": (5, 3), "cube": (2, 3, 4), "norm": (7,), "bias": (3,), "still": (2, 2)}
    params = {n: torch.nn.Parameter(torch.randn(s, generator=g)) for n, s in shapes.items()}
    tensors = {f"start.{n}": p.detach().clone() for n, p in params.items()}
    groups = [
        {"params": [p for p in params.values() if p.ndim >= 2], "weight_decay": DECAY},
        {"params": [p for p in params.values() if p.ndim < 2], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=LR, betas=BETAS, eps=EPS, foreach=False)
    grads = {n: [] for n in params}
    trace = {n: [] for n in params}
    norms, rates = [], []
    for step in range(STEPS):
        # sizes from far below to far above the clipping norm; "still" never gets a gradient but zero
        scale = 10 ** (-2 + 3 * (step % 7) / 6)
        for n, p in params.items():
            p.grad = torch.zeros_like(p) if n == "still" else scale * torch.randn(p.shape, generator=g)
            grads[n].append(p.grad.clone())
        norms.append(torch.nn.utils.clip_grad_norm_(params.values(), CLIP).item())
        rates.append(rate(step))
        for group in optimizer.param_groups:
            group["lr"] = rates[-1]
        optimizer.step()
        for n, p in params.items():
            trace[n].append(p.detach().clone())
    for n in params:
        tensors[f"gradient.{n}"] = torch.stack(grads[n])
        tensors[f"weight.{n}"] = torch.stack(trace[n])
        state = optimizer.state[params[n]]
        tensors[f"moment1.{n}"], tensors[f"moment2.{n}"] = state["exp_avg"], state["exp_avg_sq"]
    save_file({k: v.contiguous() for k, v in tensors.items()}, OUT / "adamw.safetensors")
    (OUT / "adamw.safetensors").chmod(0o644)
    (OUT / "adamw.json").write_text(
        json.dumps(
            {
                "made_by": "python/lintel_reference/goldens/optimizer.py",
                "torch": torch.__version__,
                "safetensors": safetensors.__version__,
                "steps": STEPS,
                "warmup": WARMUP,
                "floor": FLOOR,
                "learningRate": LR,
                "weightDecay": DECAY,
                "clip": CLIP,
                "betas": BETAS,
                "epsilon": EPS,
                "decayed": [n for n, p in params.items() if p.ndim >= 2],
                "learningRates": rates,
                "gradientNorms": norms,
            },
            indent=2,
        )
        + "\n"
    )


if __name__ == "__main__":
    main()
