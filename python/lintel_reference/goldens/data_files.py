"""Data files as the libraries of this field write them, and what Lintel must read out of them.

    python -m lintel_reference.goldens.data_files [OUT]

Writes one folder a case to test/goldens/data, and beside it NAME.json: how to read it, and the examples or the error that
come. Needs pyarrow, pandas, datasets, polars, zstandard and Pillow; versions.json says which made the goldens.
"""

import gzip
import hashlib
import io
import json
import shutil
import sys
import tarfile
from pathlib import Path

import datasets
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from PIL import Image

from lintel_reference.common import write_json

OUT = Path(sys.argv[1] if len(sys.argv) > 1 else "test/goldens/data")
# What the known-answer model of src/selftest tells apart, after questions of two words: it says A, B, C, D.
COLORS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255), "white": (255, 255, 255)}
OPTIONS = list(COLORS)

shutil.rmtree(OUT, ignore_errors=True)


def png(color):
    out = io.BytesIO()
    Image.new("RGB", (12, 12), color).save(out, "PNG")
    return out.getvalue()


IMAGES = [png(color) for color in COLORS.values()]
QUESTIONS = ["Which color?", "Which paint?", "Which one,then?", "Which Fläche?"]
RECORDS = [
    {"question": question, "img_path": f"im{i}.png", "options": OPTIONS, "answer": "ABCD"[i]}
    for i, question in enumerate(QUESTIONS)
]


def sha(data):
    return hashlib.sha1(data).hexdigest()


def expected(which=range(4), questions=None, options=OPTIONS, answers=None):
    return [
        {
            "question": f"<image> {(questions or QUESTIONS)[i]}",
            "options": options,
            "answer": i if answers is None else answers[i],
            "images": [sha(IMAGES[i])],
        }
        for i in which
    ]


def case(name, about, map="viscot-mc", images=True, **facts):
    folder = OUT / name
    folder.mkdir(parents=True)
    if images:
        for i, data in enumerate(IMAGES):
            (folder / f"im{i}.png").write_bytes(data)
    if not facts.keys() & {"examples", "error"}:
        facts["examples"] = expected()
    write_json(OUT / f"{name}.json", {"about": about, "map": map, **facts})
    return folder


def link(name, path, target):
    """A symbolic link within a case, which the test makes: repositories carry links badly."""
    about = json.loads((OUT / f"{name}.json").read_text())
    about.setdefault("links", {})[path] = target
    write_json(OUT / f"{name}.json", about)


def lines(records=RECORDS, ascii=False, end="\n"):
    return "".join(json.dumps(record, ensure_ascii=ascii) + end for record in records)


# --- Parquet -------------------------------------------------------------------------------------------------------
def table(null_path=True, large=False):
    text = pa.large_string() if large else pa.string()
    many = pa.large_list(text) if large else pa.list_(text)
    image = pa.struct([("bytes", pa.large_binary() if large else pa.binary()), ("path", text)])
    return pa.table(
        {
            "idx": pa.array([f"q{i}" for i in range(4)], text),
            "question": pa.array(QUESTIONS, text),
            "image_1": pa.array([{"bytes": b, "path": None if null_path else "a"} for b in IMAGES], image),
            "image_2": pa.array([None] * 4, image),
            "choices": pa.array([OPTIONS] * 4, many),
            "answer": pa.array([f"({c})" for c in "ABCD"], text),
            "sub_task": pa.array([None] * 4, text),
        }
    )


def parquet(name, about, write):
    write(case(name, about, map="blink", images=False) / "val-00000-of-00001.parquet")


for codec in ["snappy", "gzip", "brotli", "zstd", "lz4", "none"]:
    parquet(
        f"parquet-{codec}",
        f"pyarrow, {codec}, columns of nulls",
        lambda path, c=codec: pq.write_table(table(), path, compression=c),
    )
parquet(
    "parquet-v2",
    "data pages of version 2, zstd",
    lambda path: pq.write_table(table(), path, data_page_version="2.0", compression="zstd"),
)
parquet(
    "parquet-v2-plain",
    "data pages of version 2, no dictionaries, gzip",
    lambda path: pq.write_table(table(), path, data_page_version="2.0", use_dictionary=False, compression="gzip"),
)
parquet(
    "parquet-no-dictionary",
    "no dictionaries, brotli",
    lambda path: pq.write_table(table(), path, use_dictionary=False, compression="brotli"),
)
parquet(
    "parquet-delta",
    "delta encodings",
    lambda path: pq.write_table(
        table(),
        path,
        use_dictionary=False,
        column_encoding={
            "question": "DELTA_BYTE_ARRAY",
            "answer": "DELTA_LENGTH_BYTE_ARRAY",
            "image_1.bytes": "DELTA_LENGTH_BYTE_ARRAY",
        },
    ),
)
parquet(
    "parquet-large-types",
    "large_string, large_list, large_binary",
    lambda path: pq.write_table(table(large=True), path),
)
parquet(
    "parquet-checksums",
    "page checksums, page index",
    lambda path: pq.write_table(table(), path, write_page_checksum=True, write_page_index=True),
)
parquet("parquet-row-groups", "one row a group", lambda path: pq.write_table(table(), path, row_group_size=1))
parquet(
    "parquet-small-pages",
    "a page for every few values",
    lambda path: pq.write_table(table(), path, data_page_size=1, write_batch_size=1, use_dictionary=False),
)
parquet(
    "parquet-pandas",
    "DataFrame.to_parquet with an index",
    lambda path: table().to_pandas().set_index(pd.Index([5, 6, 7, 9], name="n")).to_parquet(path, compression="zstd"),
)
parquet("parquet-polars", "polars with its defaults (zstd)", lambda path: pl.from_arrow(table()).write_parquet(path))
parquet("parquet-polars-lz4", "polars, lz4", lambda path: pl.from_arrow(table()).write_parquet(path, compression="lz4"))
features = datasets.Features(
    {
        "idx": datasets.Value("string"),
        "question": datasets.Value("string"),
        "image_1": datasets.Image(),
        "choices": datasets.Sequence(datasets.Value("string")),
        "answer": datasets.ClassLabel(names=["A", "B", "C", "D"]),
    }
)
HUB = datasets.Dataset.from_dict(
    {
        "idx": [f"q{i}" for i in range(4)],
        "question": QUESTIONS,
        "image_1": [{"bytes": b, "path": f"im{i}.png"} for i, b in enumerate(IMAGES)],
        "choices": [OPTIONS] * 4,
        "answer": [0, 1, 2, 3],
    },
    features=features,
)
MAP = {
    "question": "question",
    "images": "image_1",
    "options": "choices",
    "answer": {"field": "answer", "form": "index"},
}
HUB.to_parquet(
    str(
        case("parquet-datasets", "Dataset.to_parquet, the answer a ClassLabel", map=MAP, images=False)
        / "test-00000-of-00001.parquet"
    )
)
folder = case("parquet-upper-case", "an ending in upper case", map="blink", images=False)
pq.write_table(table(), folder / "VAL.PARQUET", compression="zstd")
folder = case(
    "parquet-shard-missing",
    "one of two shards",
    map="blink",
    images=False,
    error="the shard val-00001-of-00002.parquet",
)
pq.write_table(table(), folder / "val-00000-of-00002.parquet")
data = io.BytesIO()
pq.write_table(table(), data)
folder = case(
    "parquet-truncated", "a download that ended early", map="blink", images=False, error="readable Parquet file"
)
(folder / "val.parquet").write_bytes(data.getvalue()[:-40])
data = io.BytesIO()
pq.write_table(table(), data, write_page_checksum=True, compression="none")
broken = bytearray(data.getvalue())
broken[broken.index(b"Which paint") + 2] ^= 1
folder = case(
    "parquet-damaged",
    "a flipped bit under a page checksum",
    map="blink",
    images=False,
    error="does not match its checksum",
)
(folder / "val.parquet").write_bytes(broken)

# --- Arrow ---------------------------------------------------------------------------------------------------------
HUB.save_to_disk(str(case("arrow-save-to-disk", "Dataset.save_to_disk", map=MAP, images=False) / "test"))
folder = case(
    "arrow-dataset-dict", "DatasetDict.save_to_disk: two splits, of which an audit reads test", map=MAP, images=False
)
datasets.DatasetDict({"train": HUB.select([0]), "test": HUB}).save_to_disk(str(folder))
folder = case("arrow-shards", "save_to_disk with two shards", map=MAP, images=False)
HUB.save_to_disk(str(folder / "test"), num_shards=2)
folder = case("arrow-file-format", "the file format of pyarrow.ipc", map="blink", images=False)
with pa.ipc.new_file(str(folder / "val.arrow"), table().schema) as out:
    out.write_table(table())
folder = case("arrow-truncated", "a stream that ends early", map=MAP, images=False, error="readable records")
whole = next((OUT / "arrow-save-to-disk/test").glob("*.arrow")).read_bytes()
(folder / "test.arrow").write_bytes(whole[: len(whole) // 2])

# --- WebDataset ----------------------------------------------------------------------------------------------------
TAR = {
    "question": "json.question",
    "images": "png",
    "options": "json.options",
    "answer": {"field": "cls", "form": "index"},
}


def samples(path, which=range(4), mode="w", extra=()):
    with tarfile.open(path, mode) as archive:

        def add(name, content):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))

        for name, content in extra:
            add(name, content)
        for i in which:
            add(
                f"a/s{i}.json",
                json.dumps({"question": QUESTIONS[i], "options": OPTIONS, "score": float("nan")}).encode(),
            )
            add(f"a/s{i}.PNG", IMAGES[i])
            add(f"a/s{i}.cls", str(i).encode())


samples(
    case("webdataset", "json, png and cls", map=TAR, images=False) / "test-000000.tar",
    extra=[("._s0.json", b"\0\5\x16\7"), ("__MACOSX/x.json", b"?")],
)
folder = case("webdataset-shards-gz", "two shards, one gzip", map=TAR, images=False)
samples(folder / "test-000000.tar", [0, 1])
samples(folder / "test-000001.tar.gz", [2, 3], "w:gz")
folder = case("webdataset-truncated", "an archive that ends early", map=TAR, images=False, error="readable records")
samples(folder / "whole.tar")
(folder / "test.tar").write_bytes((folder / "whole.tar").read_bytes()[:3000])
(folder / "whole.tar").unlink()


# --- JSON Lines and JSON -------------------------------------------------------------------------------------------
def text(name, about, content, file="test.jsonl", **facts):
    folder = case(name, about, **facts)
    (folder / file).parent.mkdir(exist_ok=True)
    (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


odd = ["Which \u2028color?", "Which \u2029color?", "Which \u0085color?", "Which \x0bcolor?"]
text(
    "jsonl-line-separators",
    "U+2028, U+2029 and U+0085 in strings",
    lines([{**r, "question": q} for r, q in zip(RECORDS, odd, strict=False)]),
    examples=expected(questions=odd),
)
text(
    "jsonl-nan",
    "NaN and infinities as Python writes them",
    lines([{**r, "score": s} for r, s in zip(RECORDS, [float("nan"), float("inf"), float("-inf"), 1.5], strict=False)]),
)
nan_words = [q + " NaN, -Infinity" for q in QUESTIONS]
text(
    "jsonl-nan-in-text",
    "the words NaN and Infinity in strings stay",
    lines([{**r, "question": q, "score": float("nan")} for r, q in zip(RECORDS, nan_words, strict=False)]),
    examples=expected(questions=nan_words),
)
text(
    "jsonl-bad-line",
    "one line is cut off: a counted bad record with its number",
    lines(RECORDS[:1]) + lines(RECORDS)[:40] + "\n" + lines(RECORDS[1:]),
    skipped=["test.jsonl:2"],
)
text("jsonl-trailing-comma", "commas behind the records", lines(end=",\n"), error="a comma behind the record")
text("jsonl-comment", "a comment line", "// made by hand\n" + lines(), skipped=["a comment"])
text("jsonl-python-repr", "Python's repr", "".join(f"{r}\n" for r in RECORDS), error="single quotes")
text("jsonl-bom", "UTF-8 with a byte order mark", "\ufeff" + lines())
text("jsonl-utf16", "UTF-16 with a byte order mark (PowerShell)", lines().encode("utf-16"))
text("jsonl-utf16-be", "UTF-16, big-endian", b"\xfe\xff" + lines().encode("utf-16-be"))
text("jsonl-latin1", "Latin-1", lines().encode("latin-1"), error="not UTF-8")
text("jsonl-crlf", "CRLF", lines(end="\r\n"))
text("jsonl-cr", "lone CR", lines(end="\r"))
text("jsonl-blank-lines", "blank lines", "\n\n" + lines(end="\n \n\n"))
text("jsonl-upper-case", "an ending in upper case", lines(), file="TEST.JSONL")
text("jsonl-ndjson", "the ending ndjson", lines(), file="test.ndjson")
text("jsonl-list", "a JSON list under the ending jsonl", json.dumps(RECORDS, indent=1))
text("jsonl-list-one-line", "a JSON list on one line under the ending jsonl", json.dumps(RECORDS))
text("jsonl-gz", "gzip", gzip.compress(lines().encode(), mtime=0), file="test.jsonl.gz")
text(
    "jsonl-gz-members",
    "gzip of two members",
    b"".join(gzip.compress(lines(r).encode(), mtime=0) for r in (RECORDS[:2], RECORDS[2:])),
    file="test.jsonl.gz",
)
text(
    "jsonl-gz-truncated",
    "gzip that ends early",
    gzip.compress(lines().encode(), mtime=0)[:-30],
    file="test.jsonl.gz",
    error="readable records",
)
text("jsonl-zst", "zstd", zstandard.compress(lines().encode()), file="test.jsonl.zst")
text(
    "jsonl-zst-truncated",
    "zstd that ends early",
    zstandard.compress((lines() * 9).encode())[:-20],
    file="test.jsonl.zst",
    error="readable records",
)
text("jsonl-empty", "an empty file", b"", error="an empty file")
text(
    "jsonl-lfs",
    "a Git LFS pointer",
    "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 100\n",
    error="git lfs pull",
)
text("jsonl-annex", "a git-annex pointer", "/annex/objects/SHA256E-s100--00.jsonl\n", error="git annex get")
text(
    "jsonl-web-page", "a page of the Hub in place of the file", '<!doctype html>\n<html class="">\n', error="a web page"
)
text(
    "jsonl-unfinished",
    "a download that was not finished",
    lines()[:50],
    file="test.jsonl.crdownload",
    error="downloads that were not finished",
)
text(
    "json-large-ids",
    "integers beyond 2^53 stay exact",
    json.dumps([{**r, "id": 12345678901234567890 + i} for i, r in enumerate(RECORDS)]),
    file="test.json",
    map={"id": "id", "question": "question", "images": "img_path", "options": "options", "answer": "answer"},
    ids=[str(12345678901234567890 + i) for i in range(4)],
)
frame = pd.DataFrame(RECORDS)
for orient in ["columns", "index", "split", "table", "records"]:
    text(f"json-pandas-{orient}", f"DataFrame.to_json, orient {orient}", frame.to_json(orient=orient), file="test.json")
text("json-lists", "an object of lists", json.dumps(frame.to_dict("list")), file="test.json")
text(
    "json-bom-crlf",
    "a byte order mark and CRLF",
    ("\ufeff" + json.dumps(RECORDS, indent=1)).replace("\n", "\r\n"),
    file="Test.JSON",
)
text(
    "json-trailing-comma",
    "a comma behind the last record",
    json.dumps(RECORDS)[:-1] + ",]",
    file="test.json",
    error="comma before a closing bracket",
)
text(
    "json-nested",
    "a list under a key",
    json.dumps({"meta": {}, "data": RECORDS}),
    file="test.json",
    map={"records": "data", "question": "question", "images": "img_path", "options": "options", "answer": "answer"},
)

# --- tables as text ------------------------------------------------------------------------------------------------
CSV = {"question": "question", "images": "img_path", "options": {"fields": ["A", "B", "C", "D"]}, "answer": "answer"}
wide = pd.DataFrame(
    [
        {
            "index": i,
            **{k: r[k] for k in ("question", "img_path", "answer")},
            **dict(zip("ABCD", OPTIONS, strict=False)),
        }
        for i, r in enumerate(RECORDS)
    ]
)


def sheet(name, about, content, file="test.csv", **facts):
    text(name, about, content, file=file, map=CSV, **facts)


sheet("csv", "pandas", wide.to_csv(index=False))
sheet("csv-index", "pandas with its index", wide.to_csv())
sheet("csv-bom-crlf", "Excel, UTF-8", ("\ufeff" + wide.to_csv(index=False)).replace("\n", "\r\n"))
sheet("csv-semicolon", "Excel where the comma is the decimal mark", wide.to_csv(index=False, sep=";"))
sheet("csv-sep-line", "Excel's line sep=;", "sep=;\r\n" + wide.to_csv(index=False, sep=";").replace("\n", "\r\n"))
sheet("csv-tab", "tabs under the ending csv", wide.to_csv(index=False, sep="\t"))
sheet("csv-cr", "lone CR", wide.to_csv(index=False).replace("\n", "\r"))
sheet("csv-utf16-tsv", "Excel's Unicode text", wide.to_csv(index=False, sep="\t").encode("utf-16"), file="TEST.TSV")
sheet("csv-gz", "gzip", gzip.compress(wide.to_csv(index=False).encode(), mtime=0), file="test.csv.gz")
sheet("csv-latin1", "Latin-1", wide.to_csv(index=False).encode("latin-1"), error="not UTF-8")
sheet(
    "csv-cells-too-many",
    "a comma outside of quotes: a counted bad record",
    wide.to_csv(index=False).replace('"Which one,then?"', "Which one,then?"),
    skipped=["row 4: expected 8 cells"],
    examples=expected([0, 1, 3]),
)
sheet(
    "csv-line-breaks",
    "line breaks within quotes",
    wide.assign(question=[q.replace(" ", "\n") for q in QUESTIONS]).to_csv(index=False),
    examples=expected(questions=[q.replace(" ", "\n") for q in QUESTIONS]),
)


# --- names and paths -----------------------------------------------------------------------------------------------
def paths(name, about, path_of, **facts):
    return text(name, about, lines([{**r, "img_path": path_of(i)} for i, r in enumerate(RECORDS)]), **facts)


def renamed(folder, name_of):
    for i in range(4):
        target = folder / name_of(i)
        target.parent.mkdir(parents=True, exist_ok=True)
        (folder / f"im{i}.png").rename(target)


renamed(
    paths("path-odd-names", "spaces, #, % and ? in names", lambda i: f"a b/im #{i}%20 50%.png"),
    lambda i: f"a b/im #{i}%20 50%.png",
)
renamed(
    paths(
        "path-nfd",
        "decomposed names (macOS) in records, composed ones on disk",
        lambda i: f"bu\u0308cher/u\u0308{i}.png",
    ),
    lambda i: f"bücher/ü{i}.png",
)
renamed(
    paths("path-nfc", "composed names in records, decomposed ones on disk", lambda i: f"é{i}.png"),
    lambda i: f"e\u0301{i}.png",
)
renamed(
    paths("path-backslash", "Windows' separators", lambda i: f"images\\val\\im{i}.png"),
    lambda i: f"images/val/im{i}.png",
)
paths(
    "path-file-url-elsewhere",
    "file URLs of another machine",
    lambda i: f"file:///home/me/data/im{i}.png",
    error="may be of another machine",
)
paths(
    "path-absolute-elsewhere",
    "absolute paths of another machine",
    lambda i: f"/home/me/data/im{i}.png",
    error="may be of another machine",
)
paths(
    "path-drive-elsewhere",
    "paths of a Windows drive",
    lambda i: f"C:\\data\\im{i}.png",
    error="may be of another machine",
)
paths("path-address", "addresses", lambda i: f"https://example.com/im{i}.png", error="Lintel fetches none")
paths("path-other-case", "another case than the file has", lambda i: f"IM{i}.PNG", error="there is im")
paths(
    "path-outside", "a path that leaves the dataset", lambda i: "../../../../package.json", error="lies outside of it"
)
folder = text(
    "path-image-lfs",
    "one image is a Git LFS pointer: a counted bad record",
    lines(),
    skipped=["git lfs pull"],
    examples=expected([0, 2, 3]),
)
(folder / "im1.png").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 100\n")
folder = text(
    "path-image-empty",
    "one image is empty: a counted bad record",
    lines(),
    skipped=["an empty file"],
    examples=expected([0, 2, 3]),
)
(folder / "im1.png").write_bytes(b"")
text(
    "path-data-url",
    "images within the records",
    lines(
        [
            {**r, "img_path": "data:image/png;base64," + __import__("base64").b64encode(IMAGES[i]).decode()}
            for i, r in enumerate(RECORDS)
        ]
    ),
    images=False,
)

# --- what lies around ----------------------------------------------------------------------------------------------
folder = text("junk", "files of macOS, Windows and Office beside the data", lines())
for name in [
    "._test.jsonl",
    ".DS_Store",
    "Thumbs.db",
    "~$test.csv",
    "desktop.ini",
    "__MACOSX/._test.jsonl",
    "train.jsonl.crdownload",
]:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"\0\5\x16\7")

# --- links ---------------------------------------------------------------------------------------------------------
REVISION = "0123456789abcdef" * 2 + "01234567"
SNAPSHOT = f"datasets--own--like/snapshots/{REVISION}"


def hub(name, about, data, **facts):
    root = case(name, about, images=False, data=data, **facts) / "datasets--own--like"
    for directory in [root / "blobs", root / "refs"]:
        directory.mkdir(parents=True)
    (root / "refs/main").write_text(REVISION)
    records = lines([{**r, "img_path": f"images/im{i}.png"} for i, r in enumerate(RECORDS)]).encode()
    for file, content in [("test.jsonl", records)] + [(f"images/im{i}.png", b) for i, b in enumerate(IMAGES)]:
        (root / "blobs" / sha(content)).write_bytes(content)
        link(name, f"{SNAPSHOT}/{file}", ("../../../blobs/" if "/" in file else "../../blobs/") + sha(content))


hub("hub-snapshot", "a snapshot of the Hub's cache", SNAPSHOT)
hub("hub-file", "a file of a snapshot", SNAPSHOT + "/test.jsonl")
hub("hub-repository", "a repository's folder of the Hub's cache", "datasets--own--like")
hub(
    "hub-link-outside",
    "an image that links out of its repository: a counted bad record",
    SNAPSHOT,
    skipped=["lies outside of it"],
    examples=expected([0, 1, 2]),
)
(OUT / "hub-link-outside/other.png").write_bytes(IMAGES[3])
link("hub-link-outside", f"{SNAPSHOT}/images/im3.png", "../../../../other.png")
folder = text(
    "link-directory", "a directory given through a link", lines(), file="real/test.jsonl", data="linked", images=False
)
for i, data in enumerate(IMAGES):
    (folder / f"real/im{i}.png").write_bytes(data)
link("link-directory", "linked", "real")
text(
    "link-records-outside",
    "a file of records that links out of the dataset",
    lines(),
    data="data",
    images=False,
    error="lies outside of it",
)
link("link-records-outside", "data/test.jsonl", "../test.jsonl")
case("link-nowhere", "a link to a blob that is not there", images=False, error="where nothing is")
link("link-nowhere", "test.jsonl", "../../blobs/0000")
case("link-annex", "a link of git-annex whose content is not there", images=False, error="git annex get")
link("link-annex", "test.jsonl", ".git/annex/objects/aa/bb/SHA256E-s1--00.jsonl/SHA256E-s1--00.jsonl")

versions = {m.__name__: m.__version__ for m in (pa, pd, datasets, pl, zstandard, np)}
write_json(OUT / "versions.json", versions, ascii_only=True)
