"""Datasets that Lintel generated, as tensors: images, prompts, responses."""
import io
import json
import re
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
import torch
from PIL import Image
from transformers import AutoTokenizer
from transformers.models.qwen2_5_vl.modeling_qwen2_5_vl import Qwen2_5_VLModel
from transformers.models.qwen2_vl.image_processing_qwen2_vl import smart_resize

from network import image_features


def read_split(directory, split):
    rows = []
    for path in sorted(Path(directory).glob(f"data/{split}-[0-9]*.parquet")):
        rows += parquet.read_table(path, columns=["question", "images", "options", "answer", "helpers", "counterfactuals"]).to_pylist()
    return rows


class Reader:
    """What a checkpoint needs to read examples; every image is encoded once."""

    def __init__(self, checkpoint, config):
        self.checkpoint, self.config = Path(checkpoint), config
        self.tokenizer = AutoTokenizer.from_pretrained(checkpoint)
        self.processor = json.loads((self.checkpoint / "preprocessor_config.json").read_text())
        self.known, self.positions = {}, {}
        self.vocabulary = None

    def prepared(self, image):
        """An image as the patches of the processor [t·h·w, numbers], and their grid."""
        p = self.processor
        size, merge = p["patch_size"], p["merge_size"]
        height, width = smart_resize(image.height, image.width, size * merge, p["min_pixels"], p["max_pixels"])
        if (width, height) != image.size:
            image = image.resize((width, height), Image.BICUBIC)
        x = (np.asarray(image, dtype=np.float32) * p["rescale_factor"] - p["image_mean"]) / p["image_std"]
        h, w = height // size, width // size
        x = x.astype(np.float32).transpose(2, 0, 1).reshape(3, h // merge, merge, size, w // merge, merge, size)
        x = x.transpose(1, 4, 2, 5, 0, 3, 6).reshape(h * w, 3, 1, size * size)
        return np.repeat(x, p["temporal_patch_size"], 2).reshape(h * w, -1), (1, h, w)

    def encode(self, images):
        """Features of images (bytes, or pictures), which are kept by their bytes."""
        wanted = [each for each in dict.fromkeys(images) if each not in self.known]
        by_grid = {}
        for each in wanted:
            patches, grid = self.prepared(Image.open(io.BytesIO(each)).convert("RGB") if isinstance(each, bytes) else each)
            by_grid.setdefault(grid, []).append((each, patches))
        for grid, found in by_grid.items():
            with torch.inference_mode():
                patches = torch.from_numpy(np.stack([p for _, p in found]))
                rows = image_features(self.checkpoint, self.config, patches, grid)
            for (each, _), row in zip(found, rows):
                self.known[each] = (row.clone(), grid)
        return [self.known[each] for each in images]

    def ids_of(self, text):
        # The words of a pocket model's text stand between blanks, so that its ids are looked up.
        if self.vocabulary is None:
            self.vocabulary = self.tokenizer.get_vocab()
        return [self.vocabulary[word] for word in text.split()]

    def prompt(self, row):
        """Ids of a prompt with image tokens expanded, the features that replace these, and the grids."""
        parts = re.split(r"<image>", row["question"])
        content = []
        for i, part in enumerate(parts):
            if part.strip():
                content.append({"type": "text", "text": part.strip()})
            if i < len(parts) - 1:
                content.append({"type": "image"})
        key = row["question"]
        if key not in self.positions:
            chat = [{"role": "user", "content": content}]
            self.positions[key] = self.tokenizer.apply_chat_template(chat, add_generation_prompt=True, tokenize=True)
        features = self.encode([image["bytes"] for image in row["images"]])
        ids, which = [], 0
        for each in self.positions[key]:
            if each == self.config["image_token_id"]:
                ids += [each] * len(features[which][0])
                which += 1
            else:
                ids.append(each)
        return ids, torch.cat([rows for rows, _ in features]), [grid for _, grid in features]

    def response(self, row, latents):
        """Ids behind the prompt; slots of a block are its padding id."""
        c = self.config
        block = [c["lvr_start_id"]] + [c["lvr_sep_id"]] * c["latent_size"] + [c["lvr_end_id"]]
        answer = self.ids_of(f"<answer> {row['options'][row['answer']]} </answer>") + [self.tokenizer.eos_token_id]
        return block * (len(row["helpers"]) if latents else 0) + answer

    def latents(self, helpers):
        """Features of helper images as latents [k, D] for each: means of groups of tokens."""
        k = self.config["latent_size"]
        return [torch.stack([part.mean(0) for part in rows.tensor_split(k)]) for rows, _ in self.encode([h["bytes"] for h in helpers])]

    def rotary_positions(self, ids, grids):
        """Positions [3, B, T] of equally long rows, as transformers counts them."""
        merge = self.config["vision_config"]["spatial_merge_size"]
        found, cached = [], {}
        for row, own in zip(ids.tolist(), grids):
            images = tuple(i for i, each in enumerate(row) if each == self.config["image_token_id"])
            key = (images, tuple(own), len(row))
            if key not in cached:
                holder = type("Holder", (), {"config": type("C", (), {
                    **{k: self.config[k] for k in ("image_token_id", "video_token_id", "vision_start_token_id")},
                    "vision_config": type("V", (), {"spatial_merge_size": merge, "tokens_per_second": 2}),
                })})
                grid = torch.tensor(own) if own else None
                cached[key] = Qwen2_5_VLModel.get_rope_index(holder, torch.tensor([row]), grid, attention_mask=torch.ones(1, len(row), dtype=torch.long))[0][:, 0]
            found.append(cached[key])
        return torch.stack(found, 1)
