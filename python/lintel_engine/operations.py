"""The operations of the protocol: a request to results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from . import checkpoint
from .errors import EngineError, need
from .features import Image, features_of_patches, kept
from .frames import Array, Frame
from .handles import fork, handle_of
from .layers import likeliest
from .machine import machine
from .model import Engine, describe, embed, load
from .prefill import Prompt, prefill
from .replay import replay
from .run import run
from .whole import patch_gradient, whole
from .words import encode, features_of_pixels, image_tokens, shown, templated, tokenizer_of

DTYPES = {"float32": torch.float32, "int32": torch.int32, "int64": torch.int64, "uint8": torch.uint8}
Note = Callable[[str], None]
Results = tuple[dict[str, Any], dict[str, Tensor]]


def tensor_of(array: Array) -> Tensor:
    """A tensor on the bytes that came."""
    need(array.dtype in DTYPES, f"tensors of {', '.join(DTYPES)}; got {array.dtype}")
    if 0 in array.shape:
        return torch.zeros(array.shape, dtype=DTYPES[array.dtype])
    return torch.frombuffer(array.data, dtype=DTYPES[array.dtype]).reshape(array.shape)


def array_of(tensor: Tensor) -> Array:
    """A tensor as it crosses: floats in float32."""
    tensor = tensor.detach()
    tensor = (tensor.float() if tensor.is_floating_point() else tensor).cpu().contiguous()
    return Array(str(tensor.dtype).removeprefix("torch."), list(tensor.shape), tensor.numpy())


class Session:
    """The engine of one connection, and its operations by name."""

    def __init__(self, note: Note) -> None:
        self.note = note
        self.loaded: Engine | None = None

    @property
    def engine(self) -> Engine:
        if self.loaded is None:
            raise EngineError("input", "no model is loaded")
        return self.loaded

    def answer(self, frame: Frame) -> Results:
        """Results of a request, by the name of its operation."""
        op = frame.header.get("op")
        operation = OPERATIONS.get(str(op))
        if operation is None:
            raise EngineError("unsupported", f"no operation {op!r} in protocol 2 of this engine")
        tensors = {name: tensor_of(array) for name, array in frame.tensors.items()}
        with torch.no_grad():
            return operation(self, frame.header, tensors)

    def path(self, header: dict[str, Any]) -> str:
        """The checkpoint that a request is about."""
        return str(header.get("model") or self.engine.path)


def _load(session: Session, header: dict[str, Any], tensors: dict[str, Tensor]) -> Results:
    options = {k: v for k, v in header.items() if k not in ("id", "op", "model") and v is not None}
    session.loaded = None
    session.loaded = load(str(checkpoint.directory(header["model"])), **options)
    return describe(session.engine), {}


def _machine(session: Session, header: dict[str, Any], tensors: dict[str, Tensor]) -> Results:
    return machine(header.get("measure")), {}


def _describe(session: Session, header: dict[str, Any], tensors: dict[str, Tensor]) -> Results:
    return describe(session.engine), {}


def _files(session: Session, header: dict[str, Any], tensors: dict[str, Tensor]) -> Results:
    return checkpoint.files(session.path(header)), {}


def _fingerprint(session: Session, header: dict[str, Any], tensors: dict[str, Tensor]) -> Results:
    return {"files": checkpoint.fingerprint(session.path(header))}, {}


def _tensors(session: Session, header: dict[str, Any], tensors: dict[str, Tensor]) -> Results:
    index, found = checkpoint.tensors(session.path(header), header.get("names") or [])
    return {"index": index} if index else {}, found


def _embed(session: Session, header: dict[str, Any], tensors: dict[str, Tensor]) -> Results:
    ids = tensors["ids"].long()
    rows = session.engine.model.get_input_embeddings().weight.shape[0]
    need(
        len(ids) == 0 or (int(ids.min()) >= 0 and int(ids.max()) < rows),
        f"ids below {rows}, the rows of the embedding table",
    )
    return {}, {"vectors": embed(session.engine, ids)}


def _features(session: Session, header: dict[str, Any], tensors: dict[str, Tensor]) -> Results:
    engine = session.engine
    if header.get("cells"):
        raise EngineError("unsupported", "the input of the vision tower's merger is not given by this engine")
    listed = header["images"]
    grids = [image.get("grid") for image in listed]
    if "patches" in tensors:
        need(all(grids), "a grid for each image of patches")
        images = features_of_patches(engine, tensors["patches"], grids, session.note)
    else:
        images = [features_of_pixels(engine, tensors[f"image.{i}"]) for i in range(len(listed))]
    out = []
    for image in images:
        number = engine.number()
        if header.get("keep", True):
            engine.images[number] = kept(image)
        out.append({"id": number, "tokens": len(image.rows), "grid": image.grid, "raster": image.raster})
    return {"images": out}, _rows(images) if header.get("values") else {}


def _encode(session: Session, header: dict[str, Any], tensors: dict[str, Tensor]) -> Results:
    engine = session.engine
    given = header.get("images") or []
    images = _images(engine, given)
    prompt = bool(header.get("generationPrompt")), header.get("tail") or ""
    if tensors:
        pixels = [tensors[f"image.{i}"] for i in range(len(tensors))]
        return {"ids": shown(engine, header["messages"], pixels, *prompt), "images": []}, {}
    template = bool(header.get("template", True))
    ids, read = encode(engine, header["messages"], images, *prompt, template)
    numbers = list(given)
    for i, (image, before) in enumerate(zip(read, images, strict=True)):
        if image is not before:
            numbers[i] = engine.number()
            engine.images[numbers[i]] = kept(image)
    return {"ids": ids, "images": numbers}, {}


def _reader(session: Session, header: dict[str, Any], tensors: dict[str, Tensor]) -> Results:
    engine = session.engine
    tokenizer = tokenizer_of(engine)
    return {
        "template": templated(engine) is not None,
        "imageTokens": image_tokens(engine),
        "ids": [tokenizer(text, add_special_tokens=False)["input_ids"] for text in header["texts"]],
    }, {}


def _text(session: Session, header: dict[str, Any], tensors: dict[str, Tensor]) -> Results:
    return {"text": tokenizer_of(session.engine).decode(header["ids"], clean_up_tokenization_spaces=False)}, {}


def _token(session: Session, header: dict[str, Any], tensors: dict[str, Tensor]) -> Results:
    known = tokenizer_of(session.engine).get_vocab()
    return {"ids": [known.get(name) for name in header["names"]]}, {}


def _rows(images: list[Image]) -> dict[str, Tensor]:
    rows = {f"rows.{i}": image.rows for i, image in enumerate(images)}
    return rows | {f"deep.{i}": image.deep for i, image in enumerate(images) if image.deep is not None}


def _images(engine: Engine, ids: list[int]) -> list[Image]:
    for id in ids:
        need(id in engine.images, f"image {id} is not known or has been forgotten")
    return [engine.images[id] for id in ids]


def _values(session: Session, header: dict[str, Any], tensors: dict[str, Tensor]) -> Results:
    return {}, _rows(_images(session.engine, header["ids"]))


def _forget(session: Session, header: dict[str, Any], tensors: dict[str, Tensor]) -> Results:
    for id in header["ids"]:
        session.engine.images.pop(id, None)
    return {}, {}


def _prefill(session: Session, header: dict[str, Any], tensors: dict[str, Tensor]) -> Results:
    engine = session.engine
    prompts = []
    for i, prompt in enumerate(header["prompts"]):
        images = _images(engine, prompt.get("images") or [])
        if prompt.get("visuals"):
            images = _given(tensors, i, prompt.get("grids") or [])
        switches = {name: bool(prompt.get(name)) for name in ("plain", "apart")}
        prompts.append(Prompt(prompt["ids"], images, prompt.get("hidden") or [], **switches))
    read = prefill(engine, prompts, bool(header.get("dropImages")), bool(header.get("states")), session.note)
    number = engine.number()
    engine.handles[number] = read.handle
    size = read.handle.readings[0].segment.bytes()
    results = {"handle": number, "length": read.handle.length(), "bytes": size, "finite": read.finite}
    return results, {} if read.states is None else {"hidden": read.states}


def _given(tensors: dict[str, Tensor], i: int, grids: list[list[int]]) -> list[Image]:
    """Given vectors as the one image of a prompt, or cut by its grids."""
    rows = tensors[f"visuals.{i}"]
    deep = tensors.get(f"deep.{i}")
    if len(grids) < 2:
        return [Image(rows, deep, grids[0] if grids else None)] if len(rows) else []
    cells = [t * h * w for t, h, w in grids]
    need(sum(cells) % max(1, len(rows)) == 0, f"{len(rows)} vectors for grids of {sum(cells)} patches")
    counts = [c * len(rows) // sum(cells) for c in cells]
    deeps = [None] * len(grids) if deep is None else list(deep.split(counts, 1))
    return [Image(part, d, grid) for part, d, grid in zip(rows.split(counts), deeps, grids, strict=True)]


def _fork(session: Session, header: dict[str, Any], tensors: dict[str, Tensor]) -> Results:
    engine = session.engine
    handle = handle_of(engine, header["handle"])
    need(all(0 <= r < len(handle) for r in header["rows"]), f"rows below {len(handle)}")
    number = engine.number()
    engine.handles[number] = fork(handle, header["rows"])
    return {"handle": number}, {}


def _run(session: Session, header: dict[str, Any], tensors: dict[str, Tensor]) -> Results:
    engine = session.engine
    handle = handle_of(engine, header["handle"])
    ran = run(
        engine,
        handle,
        header["rows"],
        tensors.get("vectors"),
        header.get("cue"),
        tensors.get("replaced"),
        session.note,
    )
    rows = [
        None
        if row is None
        else {
            "written": row.written,
            "end": row.end,
            "id": row.id,
            "fed": row.at,
            "cueAt": row.cue_at,
            "chosen": row.chosen,
            "finite": row.finite,
        }
        for row in ran.rows
    ]
    fed = [vector for row in ran.rows if row is not None for vector in row.fed]
    states = [ran.states[r] for r in sorted(ran.states)]
    named = [x for row in ran.rows if row is not None for x in row.named]
    width = handle.state.shape[1]
    return {"rows": rows, "length": handle.length()}, {
        "fed": torch.stack(fed) if fed else torch.zeros(0, width),
        "states": torch.stack(states) if states else torch.zeros(0, width),
        "named": torch.tensor(named, dtype=torch.float32),
    }


def _replay(session: Session, header: dict[str, Any], tensors: dict[str, Tensor]) -> Results:
    engine = session.engine
    handle = handle_of(engine, header["handle"])
    options: dict[str, Any] = {name: bool(header.get(name)) for name in ("gradient", "attention", "inspect")}
    options |= {"exchanged": tensors.get("exchanged"), "note": session.note}
    rows = replay(engine, handle, header["rows"], tensors["latents"], **options)
    out = {f"{name}.{i}": tensor for i, row in enumerate(rows) for name, tensor in row.tensors.items()}
    odds = [row.log_odds for row in rows if row.log_odds is not None]
    return {}, out | {"logOdds": torch.tensor(odds, dtype=torch.float32)}


def _whole(session: Session, header: dict[str, Any], tensors: dict[str, Tensor]) -> Results:
    rows = header["rows"]
    counts = [len(row["slots"]) for row in rows]
    need(sum(counts) == len(tensors["latents"]), f"{sum(counts)} slots, {len(tensors['latents'])} latents")
    latents = tensors["latents"].split(counts)
    cotangents = tensors["cotangents"].split(counts) if "cotangents" in tensors else [None] * len(rows)
    out: dict[str, Tensor] = {}
    odds = []
    for i, row in enumerate(rows):
        visuals = tensors.get(f"visuals.{i}")
        image = None if visuals is None else Image(visuals, tensors.get(f"deep.{i}"), None)
        read = whole(session.engine, image, row, latents[i], cotangents[i])
        out |= {f"{name}.{i}": tensor for name, tensor in read.tensors.items()}
        odds.append(read.log_odds)
    return {}, out | {"logOdds": torch.tensor(odds, dtype=torch.float32)}


def _patches(session: Session, header: dict[str, Any], tensors: dict[str, Tensor]) -> Results:
    grids = header["grids"]
    parts = tensors["patches"].split([t * h * w for t, h, w in grids])
    return {}, {
        f"gradient.{i}": patch_gradient(session.engine, part, grid, tensors[f"rows.{i}"], tensors.get(f"deep.{i}"))
        for i, (part, grid) in enumerate(zip(parts, grids, strict=True))
    }


def _lens(session: Session, header: dict[str, Any], tensors: dict[str, Tensor]) -> Results:
    states, count = tensors["states"], int(header.get("count") or 1)
    width = session.engine.config.hidden_size
    need(states.dim() == 2 and states.shape[1] == width, f"states of width {width}; got {list(states.shape)}")
    ids, probabilities = likeliest(session.engine, states, count, bool(header.get("normed")))
    return {}, {"ids": ids, "probabilities": probabilities}


def _length(session: Session, header: dict[str, Any], tensors: dict[str, Tensor]) -> Results:
    handle = handle_of(session.engine, header["handle"])
    valid = torch.cat([*(r.segment.valid[r.owner] for r in handle.readings), handle.own.valid], 1)
    first = valid.int().argmax(1).tolist()
    hidden = [(~row).nonzero().flatten().tolist() for row in valid]
    return {"length": handle.length(), "first": first, "mask": hidden}, {}


def _release(session: Session, header: dict[str, Any], tensors: dict[str, Tensor]) -> Results:
    for number in header["handles"]:
        session.engine.handles.pop(number, None)
    return {}, {}


OPERATIONS: dict[str, Callable[[Session, dict[str, Any], dict[str, Tensor]], Results]] = {
    "machine": _machine,
    "load": _load,
    "describe": _describe,
    "files": _files,
    "fingerprint": _fingerprint,
    "tensors": _tensors,
    "embed": _embed,
    "features": _features,
    "values": _values,
    "forget": _forget,
    "encode": _encode,
    "text": _text,
    "reader": _reader,
    "token": _token,
    "prefill": _prefill,
    "fork": _fork,
    "run": _run,
    "replay": _replay,
    "whole": _whole,
    "patches": _patches,
    "lens": _lens,
    "length": _length,
    "release": _release,
}
