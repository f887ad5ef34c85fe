"""Goldens of the families: what the papers' own decoding loops do with tiny random checkpoints.

    FAMILY_CODE=DIR python -m lintel_reference.goldens.families.make [weights | NAME ...]

FAMILY_CODE holds a checkout of each public repository under the folder named below (commits as in docs/published-families.md's table;
nothing of them is kept). FAMILY_TRANSFORMERS holds `transformers-VERSION` folders for the families that do not run on
the installed 4.57.1, each made by `pip install --no-deps --target transformers-VERSION transformers==VERSION
tokenizers==0.21.4`, `tokenizers-0.21` for the forks that two repositories bundle, and `peft-0.17.1` (peft, accelerate, psutil) for CVRR. Monet's runner wants vLLM's Python
there, under `vllm-0.10.0`: `pip download --no-deps vllm==0.10.0`, unpacked without its kernels (`*.so`), and beside it by
`pip install --no-deps --target` what that imports (annotated-doc annotated-types blake3 cachetools cbor2 cloudpickle
compressed-tensors diskcache einops fastapi==0.116.1 gguf loguru msgspec openai prometheus-client psutil py-cpuinfo pybase64
pydantic pydantic-core pyzmq sniffio starlette==0.47.2 typing-inspection). Every family runs in a process of its own. Writes test/goldens/families/NAME/{config.json,golden.json,golden.safetensors}; test/families.test.ts reads them.
"""

import os
import subprocess
import sys
from pathlib import Path

from lintel_reference.common import GOLDENS, PYTHON, released_name

# name: (folder under FAMILY_CODE, what comes first on PYTHONPATH beside it; {code} and {transformers} are filled in)
FAMILIES = {
    "lantern": ("lantern", "{code}"),
    "lvr": ("lvr", "{code}:{transformers}/transformers-4.54.0"),
    "lvr-simple": ("lvr", "{code}:{transformers}/transformers-4.54.0"),
    "lvr-glu": ("lvr", "{code}:{transformers}/transformers-4.54.0"),
    "lvr-distance": ("lvr", "{code}:{transformers}/transformers-4.54.0"),
    "realvr": ("realvr", "{code}:{transformers}/transformers-4.54.0"),
    "univlr": ("univlr", "{code}:{transformers}/transformers-4.54.0"),
    "univlr-simple": ("univlr", "{code}:{transformers}/transformers-4.54.0"),
    "univlr-glu": ("univlr", "{code}:{transformers}/transformers-4.54.0"),
    "univlr-align": ("univlr", "{code}:{transformers}/transformers-4.54.0"),
    "univlr-vae": ("univlr", "{code}:{transformers}/transformers-4.54.0"),
    "colt": ("colt", "{code}/transformers-4.57.0/src"),
    "rot": ("rot", "{code}"),
    "onevl": ("onevl", "{code}"),
    "laser": ("laser", "{code}:{transformers}/transformers-4.54.0"),
    "lavit": ("lavit", "{code}/training/src"),
    "mirage": ("mirage", "{code}/transformers/src:{transformers}/tokenizers-0.21"),
    "ilvr": ("ilvr", "{code}/transformers/src:{transformers}/tokenizers-0.21"),
    "monet": ("monet", "{transformers}/vllm-0.10.0"),
    "monet-transformers": ("mirage", "{code}/transformers/src:{transformers}/tokenizers-0.21"),
    "skila": ("skila", "{code}:{transformers}/transformers-4.51.3"),
    "swimbird": ("swimbird", "{code}"),
    "coconut": ("coconut", "{code}:{transformers}/transformers-4.51.3"),
    "ivt-lr": ("ivt-lr", "{code}:{transformers}/transformers-4.51.3"),
    "cvrr": ("cvrr", "{code}:{transformers}/peft-0.17.1"),
    "covt": ("covt", "{code}"),
    "livr": ("livr", "{code}"),
    "base": ("", ""),
}


def folder_of(variable, name=""):
    root = os.environ.get(variable)
    if not root:
        sys.exit(f"{variable} is not set\n{__doc__}")
    path = Path(root).resolve() / name
    if not path.is_dir():
        sys.exit(f"{variable}: {path} is absent\n{__doc__}")
    return path


def make_weights():
    """The shared weights, by transformers 4.57.1."""
    from transformers import (
        Qwen2_5_VLConfig,
        Qwen2_5_VLForConditionalGeneration,
        Qwen2VLConfig,
        Qwen2VLForConditionalGeneration,
        Qwen3VLConfig,
        Qwen3VLForConditionalGeneration,
    )

    from lintel_reference.goldens.families import tiny

    out = GOLDENS / "families" / "weights"
    scales = {tiny.START: 1.8, tiny.END: 1.8, tiny.PAD: 0, tiny.EOS: 0, 289: 0, 290: 0, 291: 0, 292: 0}
    for name, seed, config, kind, rename in (
        ("qwen2_5-vl", 7, Qwen2_5_VLConfig(**tiny.flat_config()), Qwen2_5_VLForConditionalGeneration, released_name),
        ("qwen2-vl", 9, Qwen2VLConfig(**tiny.qwen2_config()), Qwen2VLForConditionalGeneration, released_name),
        ("qwen3-vl", 8, Qwen3VLConfig(**tiny.qwen3_config()), Qwen3VLForConditionalGeneration, lambda n: n),
    ):
        model = kind(config).eval()
        tiny.random_weights(model, seed, scales)
        tiny.write_weights(model, out / f"{name}.safetensors", rename)


def make(name):
    folder, path = FAMILIES[name]
    code = folder_of("FAMILY_CODE", folder)
    transformers = folder_of("FAMILY_TRANSFORMERS") if "{transformers}" in path else ""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([path.format(code=code, transformers=transformers), str(PYTHON)]),
        "OMP_NUM_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
        "FAMILY_FOLDER": str(code),
    }
    subprocess.run([sys.executable, "-m", f"{__spec__.parent}.one", name], check=True, env=environment)


if __name__ == "__main__":
    for name in sys.argv[1:] or ["weights", *FAMILIES]:
        if name != "weights" and name not in FAMILIES:
            sys.exit(f"{name}: none of {', '.join(FAMILIES)}\n{__doc__}")
        make_weights() if name == "weights" else make(name)
