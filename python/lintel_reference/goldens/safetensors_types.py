"""Golden of the safetensors reader: one file by the Python package with every type it can write, and its values.

python -m lintel_reference.goldens.safetensors_types
"""

import json

import safetensors
import torch
from safetensors.torch import save_file

from lintel_reference.common import GOLDENS

OUT = GOLDENS / "safetensors"


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    g = torch.Generator().manual_seed(0)
    floats = torch.cat(
        [torch.randn(5, generator=g), torch.tensor([0.0, -0.0, 65504.0, 1e-7, 6e-8, 3.0e38, float("inf")])]
    )
    ints = torch.tensor([[0, 1, 2], [100, 127, 3]])
    tensors = {
        "float64": floats.double(),
        "float32": floats,
        "float16": floats.half(),
        "bfloat16": floats.bfloat16(),
        "int64": ints - 5,
        "int32": (ints - 5).int(),
        "int16": (ints - 5).short(),
        "int8": (ints - 5).char(),
        "uint8": ints.byte(),
        "uint16": ints.to(torch.uint16),
        "uint32": ints.to(torch.uint32),
        "uint64": ints.to(torch.uint64),
        "bool": ints > 2,
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 3),
        "empty.too": torch.zeros(2, 0, dtype=torch.int64),
        'Größe "✓"\n': torch.ones(1, 1, 2),
        "__proto__": torch.tensor([7.0]),
        "10": torch.tensor([10.0]),
        "9": torch.tensor([9.0]),
        "fp8": torch.tensor([1.0, 2.0]).to(torch.float8_e4m3fn),
    }
    save_file(tensors, OUT / "types.safetensors", metadata={"format": "pt"})
    (OUT / "types.safetensors").chmod(0o644)
    plain = {}
    for name, t in tensors.items():
        values = t.float() if t.is_floating_point() else t.long()
        plain[name] = {
            "shape": list(t.shape),
            "values": [str(v) if abs(v) == float("inf") else v for v in values.flatten().tolist()],
        }
    (OUT / "types.json").write_text(
        json.dumps(
            {
                "made_by": "python/lintel_reference/goldens/safetensors_types.py",
                "safetensors": safetensors.__version__,
                "torch": torch.__version__,
                "tensors": plain,
            },
            ensure_ascii=False,
            indent=1,
        )
        + "\n"
    )


if __name__ == "__main__":
    main()
