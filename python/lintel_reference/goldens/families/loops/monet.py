"""Monet: the model runner class that takes the place of vLLM 0.10.0's, all of `execute_model`, on the CPU.

The class is the repository's, what it calls (batches, requests, sampler, positions, scheduler's messages) vLLM's own
Python; vLLM's kernels are not there. In their place stand a model that is transformers' network with a cache for each
request, and namespaces for the configurations that the runner reads.
"""

import importlib.util
import os
import sys
import types
from pathlib import Path
from types import SimpleNamespace

import torch
from transformers import DynamicCache, Qwen2_5_VLForConditionalGeneration

from lintel_reference.goldens.families import tiny

FAMILY, WEIGHTS = "monet", "qwen2_5-vl"
REPOSITORY, COMMIT = "NOVAglow646/Monet", "0893999"
EXECUTED = [
    "inference/vllm/monet_gpu_model_runner.py GPUModelRunner: __init__, execute_model and all that it calls",
    "vLLM 0.10.0: InputBatch, Sampler, MRotaryEmbedding.get_input_positions_tensor, SchedulerOutput, check_stop",
]
PATCHED = [
    "the model that the runner calls is transformers' (a cache for each request) instead of vLLM's kernels",
    "vLLM's configurations are namespaces, its groups of processes one process, its budget of image tokens a number",
    "restated: the scheduler, which admits all requests at once and gives each one token a step",
    "numba, which only speculative decoding needs, is an empty module where it is not installed",
]
TOKENS = {"<abs_vis_token_pad>": tiny.PAD, "<abs_vis_token>": tiny.START, "</abs_vis_token>": tiny.END}
LONGEST, BLOCK = 256, 16


def config():
    return tiny.flat_config(
        latent_token_id=tiny.PAD,
        latent_start_id=tiny.START,
        latent_end_id=tiny.END,
        answer_start_pattern=[1],
        stage="avt_stage2",
    )


def runner_module():
    """The repository's file, imported where it lies."""
    if importlib.util.find_spec("numba") is None:
        sys.modules["numba"] = types.ModuleType("numba")
        sys.modules["numba"].jit = lambda *a, **k: lambda f: f
    os.environ |= {"LATENT_START_ID": str(tiny.START), "LATENT_END_ID": str(tiny.END), "VLLM_LOGGING_LEVEL": "ERROR"}
    import vllm.utils

    # Without an accelerator no memory can be pinned; that is asked of the platform, which is none of vLLM's here.
    vllm.utils.is_pin_memory_available = lambda: False
    path = Path(os.environ["FAMILY_FOLDER"]) / "inference" / "vllm" / "monet_gpu_model_runner.py"
    spec = importlib.util.spec_from_file_location("monet_gpu_model_runner", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    group = SimpleNamespace(ranks=[0], world_size=1, is_first_rank=True, is_last_rank=True)
    module.get_pp_group = module.get_tp_group = lambda: group
    module.compute_encoder_budget = lambda **_: (LONGEST, LONGEST)
    return module


class Network:
    """transformers' network behind the calls of a vLLM model; it finds the requests' bounds in the runner's batch."""

    def __init__(self, model):
        self.model, self.caches, self.runner = model, {}, None

    def get_multimodal_embeddings(self, pixel_values, image_grid_thw):
        return self.model.model.get_image_features(pixel_values.flatten(0, -2), image_grid_thw.flatten(0, -2))

    def get_input_embeddings(self, input_ids, multimodal_embeddings=None):
        embeddings = self.model.get_input_embeddings()(input_ids.long()).clone()
        if multimodal_embeddings is not None:
            embeddings[input_ids == self.model.config.image_token_id] = torch.cat(list(multimodal_embeddings))
        return embeddings

    def __call__(self, input_ids, positions, intermediate_tensors, inputs_embeds):
        batch, starts = self.runner.input_batch, self.runner.query_start_loc.tolist()
        states = []
        for i, request in enumerate(batch.req_ids):
            rows = slice(starts[i], starts[i + 1])
            cache = self.caches.setdefault(request, DynamicCache())
            out = self.model.model.language_model(
                inputs_embeds=inputs_embeds[None, rows].clone(),
                position_ids=positions[:, None, rows],
                past_key_values=cache,
                use_cache=True,
            )
            states.append(out.last_hidden_state[0])
        return torch.cat(states)

    def compute_logits(self, states, metadata):
        return self.model.lm_head(states[None])[0]


def runner_of(module, model, k):
    """The runner over a network; its own CPU subclass in vLLM overrides the same two methods."""
    os.environ["LATENT_SIZE"] = str(k)

    class Runner(module.GPUModelRunner):
        def _init_device_properties(self):
            pass

        def _sync_device(self):
            pass

    text = model.config.get_text_config()
    none = dict.fromkeys(["lora_config", "load_config", "observability_config", "speculative_config"])
    configuration = SimpleNamespace(
        **none,
        model_config=SimpleNamespace(
            dtype=torch.float32,
            is_multimodal_model=True,
            pooler_config=None,
            model_supports_multimodal_raw_input=False,
            max_model_len=LONGEST,
            attention_chunk_size=None,
            disable_cascade_attn=True,
            uses_mrope=True,
            logprobs_mode="raw_logprobs",
            enforce_eager=True,
            hf_config=model.config,
            hf_text_config=text,
            get_num_attention_heads=lambda _: text.num_attention_heads,
            get_hidden_size=lambda: text.hidden_size,
            get_vocab_size=lambda: tiny.VOCABULARY,
        ),
        cache_config=SimpleNamespace(cache_dtype="auto", cpu_offload_gb=0, block_size=BLOCK),
        compilation_config=SimpleNamespace(
            level=0,
            use_cudagraph=False,
            cudagraph_capture_sizes=[],
            full_cuda_graph=False,
            static_forward_context={},
            pass_config=SimpleNamespace(enable_sequence_parallelism=False),
        ),
        parallel_config=SimpleNamespace(
            tensor_parallel_size=1,
            data_parallel_size=1,
            data_parallel_rank=0,
            distributed_executor_backend=None,
            enable_eplb=False,
        ),
        scheduler_config=SimpleNamespace(max_num_batched_tokens=4 * LONGEST, max_num_seqs=8),
    )
    runner = Runner(configuration, torch.device("cpu"))
    # Attention is the network's: no cache of vLLM's own.
    runner.kv_cache_config = SimpleNamespace(kv_cache_groups=[])
    runner.model = Network(model)
    runner.model.runner = runner
    return runner


def images_of(given):
    """What vLLM's processor would send of a prompt's image: its patches, and where its tokens stand."""
    if "pixel_values" not in given:
        return [], []
    from transformers import BatchFeature
    from vllm.multimodal.inputs import MultiModalFieldConfig, MultiModalKwargs, PlaceholderRange

    grid, ids = given["image_grid_thw"], given["input_ids"][0].tolist()
    fields = {
        "pixel_values": MultiModalFieldConfig.flat_from_sizes("image", grid.prod(-1)),
        "image_grid_thw": MultiModalFieldConfig.batched("image"),
    }
    image = tiny.QWEN["image_token_id"]
    inputs = MultiModalKwargs.from_hf_inputs(BatchFeature({k: given[k] for k in fields}), fields)
    return [inputs], [PlaceholderRange(offset=ids.index(image), length=ids.count(image))]


def serve(runner, prompts, steps, eos, **sampling):
    """New ids of every prompt, all requests decoded in one batch as a scheduler without limits would have it."""
    from vllm import SamplingParams
    from vllm.v1.core.sched.output import CachedRequestData, NewRequestData, SchedulerOutput
    from vllm.v1.core.sched.utils import check_stop

    names = [f"request {i}" for i in range(len(prompts))]
    lengths = {name: given["input_ids"].shape[1] for name, given in zip(names, prompts, strict=False)}
    written = {name: [] for name in names}
    params = SamplingParams(temperature=0, max_tokens=steps, **sampling)
    new = []
    for name, given in zip(names, prompts, strict=False):
        inputs, places = images_of(given)
        new.append(
            NewRequestData(
                req_id=name,
                prompt_token_ids=given["input_ids"][0].tolist(),
                mm_inputs=inputs,
                mm_hashes=[],
                mm_positions=places,
                sampling_params=params,
                pooling_params=None,
                block_ids=([0] * (LONGEST // BLOCK),),
                num_computed_tokens=0,
                lora_request=None,
            )
        )
    running, done, cached = list(names), set(), CachedRequestData.make_empty()
    while running:
        tokens = {name: lengths[name] if new else 1 for name in running}
        output = runner.execute_model(
            SchedulerOutput(
                scheduled_new_reqs=new,
                scheduled_cached_reqs=cached,
                num_scheduled_tokens=tokens,
                total_num_scheduled_tokens=sum(tokens.values()),
                scheduled_spec_decode_tokens={},
                scheduled_encoder_inputs={each.req_id: [0] for each in new if each.mm_inputs},
                num_common_prefix_blocks=[],
                finished_req_ids=done,
                free_encoder_input_ids=[],
                structured_output_request_ids={},
                grammar_bitmask=None,
            )
        )
        done = set()
        for name, ids in zip(output.req_ids, output.sampled_token_ids, strict=False):
            written[name] += ids
            request = SimpleNamespace(
                num_tokens=lengths[name] + len(written[name]),
                num_output_tokens=len(written[name]),
                max_tokens=steps,
                pooling_params=None,
                sampling_params=params,
                output_token_ids=written[name],
                eos_token_id=eos,
            )
            if check_stop(request, LONGEST):
                running.remove(name)
                done.add(name)
        new = []
        cached = CachedRequestData(
            req_ids=list(running),
            resumed_from_preemption=[False] * len(running),
            new_token_ids=[],
            new_block_ids=[([],)] * len(running),
            num_computed_tokens=[lengths[n] + len(written[n]) - 1 for n in running],
        )
    return [written[name] for name in names]


def load(directory):
    model = Qwen2_5_VLForConditionalGeneration.from_pretrained(
        directory, dtype=torch.float32, attn_implementation="eager"
    ).eval()
    model.runner_module = runner_module()
    return model


def parts(model):
    return model.model.language_model, model.lm_head


def generate(model, given, steps, k, repetition_penalty=1, eos_token_id=(tiny.EOS,), logits_processor=()):
    runner = runner_of(model.runner_module, model, k)
    if logits_processor:
        # What ids are chosen from under a penalty: vLLM's own scores.
        choose = runner.sampler.sample
        runner.sampler.sample = lambda scores, metadata: choose(logits_processor[0](None, scores), metadata)
    [ids] = serve(runner, [given], steps, eos_token_id[0], repetition_penalty=repetition_penalty)
    return torch.cat([given["input_ids"], torch.tensor([ids])], dim=1)


def together(model, prompts, steps, k):
    """The same prompts in one batch: each request has a state of its own."""
    return serve(runner_of(model.runner_module, model, k), prompts, steps, tiny.EOS)


HOW = {"dialect": "monet-vllm", "rules": {"k": 4}, "options": {"k": 4}}
ONE = {"dialect": "monet-vllm", "rules": {"k": 1}, "options": {"k": 1}}
PENALTY = {"dialect": "monet-vllm", "rules": {"k": 4}, "options": {"k": 4, "repetition_penalty": 1.01}}
CASES = [
    dict(name="sampled end", **HOW, wanted=lambda got, ended: ended == ["sampled"] and got.blocks()[0][1] < 4),
    dict(name="forced ends", **HOW, wanted=lambda got, ended: len(ended) >= 2 and set(ended) == {"forced"}),
    dict(name="blocks", **HOW, wanted=lambda got, ended: len(ended) >= 3 and set(ended) == {"forced", "sampled"}),
    dict(name="one position", **ONE, wanted=lambda got, ended: len(ended) >= 1 and got.blocks()[0][1] == 1),
    dict(name="image", image=True, **HOW, wanted=lambda got, ended: len(ended) >= 2 and "length" not in ended),
    dict(name="repetition penalty", **PENALTY, wanted=lambda got, ended: len(ended) >= 2 and "length" not in ended),
    dict(
        name="end of text inside",
        eos_inside=True,
        **HOW,
        wanted=lambda got, ended: got.eos is not None and got.ids[-1] == got.eos and ended[-1:] == ["length"],
    ),
    dict(
        name="START ends the prompt",
        tail=[tiny.START],
        **HOW,
        wanted=lambda got, ended: bool(ended) and got.blocks()[0][0] > got.length + 1,
    ),
]
