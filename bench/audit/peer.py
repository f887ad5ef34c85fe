"""One run of generate() over the prompts of a case: python bench/audit/peer.py SHAPE_JSON EXAMPLES PROMPT NEW THREADS."""
import json
import sys
import time

import torch
import transformers

shape, examples, prompt, new, threads = json.loads(sys.argv[1]), *map(int, sys.argv[2:6])
torch.set_num_threads(threads)
torch.manual_seed(0)
config = transformers.Qwen2Config(
    vocab_size=shape["vocabSize"],
    hidden_size=shape["hiddenSize"],
    intermediate_size=shape.get("intermediateSize", -(-shape["hiddenSize"] * 8 // 3 // 8) * 8),
    num_hidden_layers=shape["layers"],
    num_attention_heads=shape["heads"],
    num_key_value_heads=shape.get("kvHeads", shape["heads"]),
    tie_word_embeddings=True,
    attn_implementation="eager",
)
model = transformers.Qwen2ForCausalLM(config).float().eval()
ids = torch.randint(10, shape["vocabSize"], (examples, prompt))
asked = dict(attention_mask=torch.ones_like(ids), do_sample=False, min_new_tokens=new, max_new_tokens=new, pad_token_id=0)
best = None
with torch.inference_mode():
    model.generate(ids[:1, :8], attention_mask=torch.ones_like(ids[:1, :8]), do_sample=False, max_new_tokens=2, pad_token_id=0)
    for _ in range(2):
        started, used = time.perf_counter(), time.process_time()
        model.generate(ids, **asked)
        spent, cpu = time.perf_counter() - started, time.process_time() - used
        if best is None or spent < best[0]:
            best = spent, cpu
print(json.dumps({"spent": best[0], "cpu": best[1], "examples": examples, "torch": torch.__version__, "transformers": transformers.__version__}))
