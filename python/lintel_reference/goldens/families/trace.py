"""Runs a family's own decoding loop and notes what was fed to the decoder at every step, whatever the loop calls it."""

from dataclasses import dataclass

import torch

STEPS = 64
# A step whose two best tokens are nearer than this may turn out otherwise in another implementation.
CLEAR = 4e-3


@dataclass
class Trace:
    """Of a prompt of `length` ids: `ids` is what was recorded after it, `best[t]` the argmax from which ids[t] came, and
    `fed[i]` the vector at place `start + i` of prompt and ids together, `latent[i]` whether it was no token's embedding."""

    length: int
    ids: list
    best: list
    gap: float
    start: int
    fed: torch.Tensor
    latent: list
    """The id that ended texts, where it is another than the checkpoint's."""
    eos: int | None = None

    def blocks(self):
        """Runs of latents: [place of the first in prompt and ids together, how many]."""
        runs = []
        for i, latent in enumerate(self.latent):
            if latent and i and self.latent[i - 1]:
                runs[-1][1] += 1
            elif latent:
                runs.append([self.start + i, 1])
        return runs

    def endings(self, end):
        """How each block ended: "sampled" or "forced" end marker, "free" where any token follows, "length" at the limit,
        "prompt" where the prompt says it."""
        said = []
        for first, count in self.blocks():
            after = first + count - self.length
            if after < 0:
                said.append("prompt")
            elif after >= len(self.ids) - 1:
                said.append("length")
            elif self.ids[after] == end:
                said.append("sampled" if self.best[after] == end else "forced")
            else:
                said.append("free")
        return said

    def vectors(self):
        return torch.cat([self.fed[at - self.start : at - self.start + count] for at, count in self.blocks()])


def inside(got, markers):
    """Ids that the loop would have written in the first block, had it looked, and that no text before its end has."""
    if not got.blocks():
        return []
    first, count = got.blocks()[0]
    places = range(first - got.length, first - got.length + count)
    before = {*got.ids[: places[0]], *markers}
    return [got.best[t] for t in places if got.best[t] not in before]


def eos_within(more=12, **options):
    """A case: an id that would be written within the first block ends texts, and the loop writes on."""

    def wanted(got, ended):
        return got.eos is not None and len(got.ids) > got.blocks()[0][0] - got.length + more

    return dict(name="end of text inside", eos_inside=True, wanted=wanted, **options)


def clearness(logits):
    """The least distance between the two best tokens of a step."""
    top = logits.topk(2).values
    return float((top[:, 0] - top[:, 1]).min())


def is_latent(fed, words):
    return [not torch.equal(a, b) for a, b in zip(fed, words, strict=False)]


class Scores(list):
    """A logits processor that changes nothing and keeps what a loop chooses from, where it is not the plain logits."""

    def __call__(self, ids, scores):
        self.append(scores[0].detach().float().clone())
        return scores


class Recorder:
    """Hooks on a model: the inputs of the first decoder layer and the logits of the last place, forward by forward."""

    def __init__(self, decoder, head):
        self.inputs, self.logits = [], []
        first = decoder.layers[0]
        self.hooks = [
            first.register_forward_pre_hook(self.before, with_kwargs=True),
            head.register_forward_hook(
                lambda m, i, o: self.logits.append(o.flatten(0, -2)[-1].detach().float().clone())
            ),
        ]

    def before(self, module, args, kwargs):
        hidden = args[0] if args else kwargs["hidden_states"]
        self.inputs.append(hidden[0, -1].detach().float().clone())

    def close(self):
        for hook in self.hooks:
            hook.remove()


def trace(decoder, head, embedding, length, generate, before=0):
    """`generate(scores)` returns the whole sequence [1, length + new] of a prompt of `length` ids; the last `before` of these
    are what the loop itself writes first."""
    scores = Scores()
    recorder = Recorder(decoder, head)
    try:
        with torch.no_grad():
            ids = generate(scores)[0, length:].tolist()[:STEPS]
    finally:
        recorder.close()
    logits = torch.stack((scores or recorder.logits)[before : before + len(ids)])
    # The last recorded id was never fed.
    fed = torch.stack(recorder.inputs[before + 1 : before + len(ids)])
    with torch.no_grad():
        words = embedding(torch.tensor(ids[: len(fed)])).float()
    return Trace(length, ids, logits.argmax(-1).tolist(), clearness(logits), length, fed, is_latent(fed, words))


def search(wanted, run, make_prompt, tries):
    """The first prompt of a seed on which the loop does what is `wanted`, with no near tie at any step."""
    for seed in range(tries):
        prompt = make_prompt(seed)
        got = run(prompt)
        done = len(got.ids) == STEPS or got.eos is not None and got.ids[-1] == got.eos
        if done and got.gap > CLEAR and wanted(got):
            return seed, prompt, got
    raise SystemExit(f"no prompt of {tries} does what is wanted: {wanted.__doc__ or wanted}")
