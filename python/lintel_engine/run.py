"""Decoding: given tokens and vectors are read, then text is chosen greedily, a token of every row in a step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from .choices import Chooser, chooser_of, ends_with
from .errors import EngineError, need
from .handles import Handle, feed
from .memory import halving
from .model import Engine, embed
from .picks import Gallery, choose

TOKEN, STATE, VECTOR, BLOCK, PICK = 0, 1, 2, 3, 4


@dataclass
class Row:
    """A program of the protocol, and how far it is."""

    feed: list[list[int]]
    text: dict[str, Any] | None
    hide: list[int]
    cue: dict[str, Any] | None
    choose: list[list[int]]
    penalty: float
    state: bool
    # The state that is returned is that after this layer (1: the first); None: the last one.
    layer: int | None
    # Of the network's own block, how many steps it takes; None: as many as usual.
    steps: int | None
    # Where the row's vectors begin.
    vectors: int
    at: int = 0
    # The id that is fed next.
    token: int | None = None
    recorded: list[int] = field(default_factory=list)
    written: list[int] = field(default_factory=list)
    end: str | None = None
    id: int | None = None
    cue_at: int | None = None
    named: list[float] = field(default_factory=list)
    chosen: list[int] = field(default_factory=list)
    finite: bool = True
    fed: list[Tensor] = field(default_factory=list)
    # Vectors of the network's own block that are not fed yet.
    block: list[Tensor] = field(default_factory=list)
    # The state after its layer, of what it read last.
    inner: Tensor | None = None
    # The image of its prompt, where features of it may be chosen.
    gallery: Gallery | None = None

    @property
    def feeding(self) -> bool:
        return self.at < len(self.feed)

    @property
    def choosing(self) -> bool:
        """Text is wanted of it, and nothing chosen yet."""
        return not self.feeding and self.text is not None and self.end is None and self.token is None

    @property
    def fed_up(self) -> bool:
        """Its feed is done, and no text is wanted."""
        return not self.feeding and self.text is None

    @property
    def over(self) -> bool:
        """It will not go on."""
        return self.end in ("final", "limit")

    @property
    def moving(self) -> bool:
        return self.feeding or self.token is not None

    def known(self) -> int:
        """How many tokens or vectors it is fed next that do not depend on its states."""
        if not self.feeding:
            return 1
        n, blocks, picks = 0, len(self.block), len(self.gallery.waiting) if self.gallery else 0
        for kind, _ in self.feed[self.at :]:
            blocks -= kind == BLOCK
            picks -= kind == PICK
            if kind == STATE or blocks < 0 or picks < 0:
                break
            n += 1
        return max(1, n)

    def wants(self, kind: int) -> int:
        """How many of a kind it is fed next, one after the other."""
        n = 0
        while self.at + n < len(self.feed) and self.feed[self.at + n][0] == kind:
            n += 1
        return n

    def wants_block(self) -> int:
        """Length of the network's own block that it is fed next and that is not made yet; 0 where that is something else."""
        return 0 if self.block else self.wants(BLOCK)

    def wants_picks(self) -> int:
        """How many features of its image it is fed next that are not chosen yet."""
        return 0 if self.gallery and self.gallery.waiting else self.wants(PICK)

    def take(self, count: int) -> list[list[int]]:
        """What it is fed next."""
        if self.feeding:
            self.at += count
            return self.feed[self.at - count : self.at]
        token = self.token if self.token is not None else 0
        self.written.append(token)
        self.token = None
        return [[TOKEN, token]]


@dataclass
class Ran:
    """What `run` answers: a row per program, None for those that are done, and the last states of rows by their numbers."""

    rows: list[Row | None]
    states: dict[int, Tensor]


def rows_of(programs: list[Any], vectors: Tensor | None) -> list[Row | None]:
    """Programs as rows, with their parts of `vectors`."""
    rows: list[Row | None] = []
    used = 0
    for program in programs:
        if program is None:
            rows.append(None)
            continue
        given = program.get("feed") or []
        need(all(kind in (TOKEN, STATE, VECTOR, BLOCK, PICK) for kind, _ in given), "a feed of kind 0 to 4")
        options: dict[str, Any] = {name: program.get(name) or [] for name in ("hide", "choose")}
        text, cue = program.get("text"), program.get("cue")
        penalty, state, layer = program.get("penalty") or 1.0, bool(program.get("state")), program.get("layer")
        options |= {"layer": layer, "steps": program.get("steps"), "vectors": used}
        need(
            layer is None or (state and bool(given)),
            "a program that reads something, where the state of a layer is wanted",
        )
        rows.append(Row(given, text, cue=cue, penalty=penalty, state=state, **options))
        used += sum(kind == VECTOR for kind, _ in given)
    have = 0 if vectors is None else len(vectors)
    need(used == have, f"{used} vectors are fed by the programs, {have} were given")
    return rows


def run(
    engine: Engine,
    handle: Handle,
    programs: list[Any],
    vectors: Tensor | None = None,
    cue: list[int] | None = None,
    replaced: Tensor | None = None,
    note: Callable[[str], None] = print,
) -> Ran:
    """Runs a program per row of the handle until one comes to an end behind which the row goes on. Rows without a program are
    done, and of a fork are dropped."""
    need(not handle.frozen, "the handle has forks, and is only read")
    rows = rows_of(programs, vectors)
    numbers = handle.numbers if handle.numbers is not None else list(range(len(handle)))
    gone = [r for r, row in enumerate(rows) if row is not None and r not in numbers]
    need(not gone, f"rows that are there; row {gone[0] if gone else 0} was done in an earlier run, or never was")
    _replace(handle, numbers, programs, replaced)
    for r, row in enumerate(rows):
        if row is not None:
            row.block = handle.pending.pop(r, [])
    given = None if vectors is None else vectors.to(engine.device, engine.dtype)
    working = [rows[r] if r < len(rows) else None for r in numbers]
    for i, row in enumerate(working):
        if row is not None:
            row.gallery = handle.gallery(i)
    penalties = [1.0 if row is None else row.penalty for row in working]
    work = _Work(engine, handle, working, given, cue or [], chooser_of(engine, penalties, handle.seen), {}, note)
    while True:
        _drop(work)
        live = [row for row in work.rows if row is not None]
        if not any(row.fed_up for row in live):
            _choose_text(work)
        if any(row.fed_up or row.end == "stop" for row in live) or not any(row.moving for row in live):
            break
        _feed(work)
    for row in live:
        row.end = row.end or ("fed" if row.fed_up else "more")
    _finish(work, [i for i, row in enumerate(work.rows) if row is not None])
    handle.pending |= {r: row.block for r, row in enumerate(rows) if row is not None and row.block}
    return Ran(rows, work.states)


def _replace(handle: Handle, numbers: list[int], programs: list[Any], replaced: Tensor | None) -> None:
    """Rows whose programs say so get a row of `replaced` as their last state."""
    which = [i for i, r in enumerate(numbers) if r < len(programs) and programs[r] and programs[r].get("replace")]
    have = 0 if replaced is None else len(replaced)
    need(len(which) == have, f"{len(which)} states are replaced by the programs, {have} were given")
    if replaced is not None and which:
        handle.state = handle.state.clone()
        handle.state[which] = replaced.to(handle.state.device, handle.state.dtype)


@dataclass
class _Work:
    """A run: the handle, and a program per row of it that is still there."""

    engine: Engine
    handle: Handle
    rows: list[Row | None]
    given: Tensor | None
    cue: list[int]
    chooser: Chooser
    states: dict[int, Tensor]
    note: Callable[[str], None]

    def named(self, which: list[int]) -> list[Row]:
        return [row for i in which if (row := self.rows[i]) is not None]


def _drop(work: _Work) -> None:
    """Drops rows of a fork that are done, where half of the rows or more are."""
    handle = work.handle
    kept = [i for i, row in enumerate(work.rows) if row is not None and not row.over]
    if handle.numbers is None or not kept or 2 * len(kept) > len(work.rows):
        return
    done = [i for i, row in enumerate(work.rows) if row is not None and row.over]
    _finish(work, done)
    fewer = handle.rows(kept)
    for name in ("readings", "own", "next", "count", "since", "state", "seen", "numbers", "galleries", "aparts"):
        setattr(handle, name, getattr(fewer, name))
    work.chooser = work.chooser.rows(kept)
    work.rows = [work.rows[i] for i in kept]


def _feed(work: _Work) -> None:
    """Feeds the next token or vector of every row that moves, or as many as none of them has to wait for."""
    engine, handle = work.engine, work.handle
    _make_blocks(work)
    for row in work.rows:
        if row is not None and (count := row.wants_picks()):
            choose(row.gallery, count)
    moving = [row is not None and row.moving for row in work.rows]
    length = min(row.known() for row in work.rows if row is not None and row.moving)
    length = max(1, min(length, engine.tokens // len(work.rows)))
    ids = torch.zeros(len(work.rows), length, dtype=torch.long)
    vectors_at: list[tuple[int, int, int]] = []
    states_at: list[int] = []
    made: list[tuple[int, int, Tensor]] = []
    # Rows whose last is a chosen feature: their own state stays what it was.
    picking = torch.zeros(len(work.rows), dtype=torch.bool)
    recorded: list[tuple[int, int]] = []
    # Vectors that stand behind a layer, and not in front of the first.
    placed: list[tuple[int, int, Tensor]] = []
    for i, row in enumerate(work.rows):
        if row is None or not row.moving:
            continue
        for t, (kind, token) in enumerate(row.take(length)):
            recorded.append((i, token))
            row.recorded.append(token)
            handle.seen[i].append(token)
            if handle.apart(i) is not None and kind != TOKEN:
                ids[i, t] = token
                placed.append((i, t, _behind(work, row, kind)))
            elif kind == TOKEN:
                ids[i, t] = token
            elif kind == STATE:
                states_at.append(i)
            elif kind == BLOCK:
                made.append((i, t, row.block.pop(0)))
                row.fed.append(made[-1][2])
            elif kind == PICK and row.gallery is not None:
                made.append((i, t, row.gallery.waiting.pop(0)))
                picking[i] = t == length - 1
            else:
                vectors_at.append((i, t, row.vectors))
                row.vectors += 1
    vectors = embed(engine, ids)
    if states_at:
        at = torch.tensor(states_at, device=vectors.device)
        fed = handle.state.to(vectors.device)[at]
        vectors[at, 0] = fed
        for row, vector in zip(work.named(states_at), fed, strict=True):
            row.fed.append(vector)
    if vectors_at and work.given is not None:
        at, t, v = torch.tensor(vectors_at, device=vectors.device).T
        vectors[at, t] = work.given[v]
    if made:
        rows_at, t = torch.tensor([m[:2] for m in made], device=vectors.device).T
        vectors[rows_at, t] = torch.stack([vector.to(vectors) for _, _, vector in made])
    work.chooser.record(recorded)
    active = torch.tensor(moving, device=handle.next.device)
    looking = [row is not None and row.moving and row.wants_picks() > 0 for row in work.rows]
    before = handle.state
    blocked, looks = _blocked(work, length), looking if any(looking) else None
    inner = {row.layer for row, moves in zip(work.rows, moving, strict=True) if row and moves and row.layer is not None}
    between = feed(engine, handle, vectors, active, blocked, work.note, looks, inner, placed)
    for i, row in enumerate(work.rows):
        if row is not None and moving[i] and row.layer is not None:
            row.inner = between[row.layer][i]
    if picking.any():
        handle.state = torch.where(picking[:, None].to(before.device), before, handle.state)


def _behind(work: _Work, row: Row, kind: int) -> Tensor:
    """The vector that a row of a prompt that is read apart is fed next."""
    if kind == BLOCK:
        row.fed.append(row.block.pop(0))
        return row.fed[-1]
    need(
        kind == VECTOR and work.given is not None, "tokens, given vectors and blocks behind a prompt that is read apart"
    )
    row.vectors += 1
    return (work.given if work.given is not None else work.handle.state)[row.vectors - 1]


def _make_blocks(work: _Work) -> None:
    """Makes the network's own blocks for the rows that are fed one next."""
    wanted = {i: n for i, row in enumerate(work.rows) if row is not None and (n := row.wants_block())}
    if not wanted:
        return
    make = work.engine.block
    if make is None:
        raise EngineError(
            "unsupported", f"{type(work.engine.model).__name__} makes no blocks by itself: feeds of kind 3"
        )
    for count in sorted(set(wanted.values())):

        def some(which: list[int], count: int = count) -> None:
            steps = [row.steps for row in work.named(which)]
            for row, block in zip(work.named(which), make(work.engine, work.handle, which, count, steps), strict=True):
                row.block = list(block)

        which = [i for i, n in wanted.items() if n == count]
        halving(work.engine, "tokens", which, count, some, work.note)


def _blocked(work: _Work, length: int) -> Tensor | None:
    """[R, T, columns]: what the rows' programs hide from what they feed; None where that is nothing."""
    handle = work.handle
    if not any(row is not None and row.hide for row in work.rows):
        return None
    shared = handle.shared_length()
    own = handle.own.index - handle.since[:, None]
    now = (handle.count - handle.since)[:, None] + torch.arange(length, device=own.device)
    table = torch.zeros(len(work.rows), shared + int(now.max()) + 1, dtype=torch.bool)
    for i, row in enumerate(work.rows):
        if row is not None:
            table[i, [c for c in row.hide if c < table.shape[1]]] = True
    columns = torch.cat([torch.arange(shared, device=own.device).expand(len(own), -1), shared + own, shared + now], 1)
    return table.to(own.device).gather(1, columns)[:, None].expand(-1, length, -1)


def _choose_text(work: _Work) -> None:
    """Chooses the next id of every row that writes."""
    which = [i for i, row in enumerate(work.rows) if row is not None and row.choosing]
    if not which:
        return
    rows = work.named(which)
    scores = work.chooser.scores(work.handle.state, which)
    _note_cue(scores.raw, rows, work.cue)
    texts = [row.text or {} for row in rows]
    ids, finite = scores.greedy(list(range(len(which))), [text.get("forbid") or [] for text in texts])
    for row, text, token, good in zip(rows, texts, ids, finite, strict=True):
        row.finite &= good
        ends = ("final", token in (text.get("final") or [])), ("stop", token in (text.get("stop") or []))
        full = "limit", len(row.written) >= text.get("limit", 0)
        row.end = next((end for end, here in (*ends, full) if here), None)
        if row.end:
            row.id = token
        else:
            row.token = token


def _note_cue(raw: Tensor, rows: list[Row], cue: list[int]) -> None:
    """Logits [n, V] of rows whose text has just become complete up to the answer."""
    for logits, row in zip(raw, rows, strict=True):
        if row.cue is None or row.cue_at is not None or not _complete(row, cue):
            continue
        row.cue_at = len(row.recorded)
        named = row.cue.get("named") or []
        row.named = logits[torch.tensor(named, dtype=torch.long, device=logits.device)].tolist()


def _complete(row: Row, cue: list[int]) -> bool:
    return row.cue is not None and ends_with([*(row.cue.get("tail") or []), *row.recorded], cue)


def _finish(work: _Work, which: list[int]) -> None:
    """At the end of rows: their states, and of those that came to an end the cue and the choices that were asked for."""
    numbers = work.handle.numbers
    for i, row in zip(which, work.named(which), strict=True):
        if row.state:
            last = work.handle.state[i] if row.layer is None else row.inner
            need(last is not None, "the state of a layer behind something that was read")
            if last is not None:
                work.states[i if numbers is None else numbers[i]] = last
    at = [i for i, row in zip(which, work.named(which), strict=True) if row.end != "more"]
    at = [
        i
        for i, row in zip(at, work.named(at), strict=True)
        if row.choose or (row.cue_at is None and _complete(row, work.cue))
    ]
    if not at:
        return
    rows = work.named(at)
    scores = work.chooser.scores(work.handle.state, at)
    _note_cue(scores.raw, rows, work.cue)
    asked = [(n, row, forbidden) for n, row in enumerate(rows) for forbidden in row.choose]
    if not asked:
        return
    ids, finite = scores.greedy([n for n, _, _ in asked], [forbidden for _, _, forbidden in asked])
    for (_, row, _), token, good in zip(asked, ids, finite, strict=True):
        row.chosen.append(token)
        row.finite &= good
