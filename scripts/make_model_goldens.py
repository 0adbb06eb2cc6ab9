#!/usr/bin/env python3
"""Makes tests/data/model: small random checkpoints and what transformers computes with them.

    python3 scripts/make_model_goldens.py --output tests/data/model [--only NAME ...]

One folder per configuration: config.json, model.safetensors (or shards and their index), golden.safetensors with
  input_ids [1, S], logits [1, S, V]                      prefill
  decode_logits [1, S, V]                                 row n: the last row of a full pass over n + 1 ids; left out where
                                                          that is the row of `logits`
  batch_ids, batch_mask, batch_positions [B, S], batch_logits [B, S, V]   left-padded
  greedy_ids [1, N]                                       a prompt of 12 ids and its continuation
"""
import argparse
import json
import pathlib

import torch
import transformers
from safetensors.torch import save_file

VOCAB = 97
SMALL_VOCAB = 64

CONFIGURATIONS = {
    "plain": dict(n_embd=32, n_layer=2, n_head=4, activation_function="gelu_new"),
    "erf_inner": dict(n_embd=48, n_layer=2, n_head=3, n_inner=80, activation_function="gelu", layer_norm_epsilon=1e-3),
    "inverse_layer": dict(n_embd=32, n_layer=3, n_head=2, activation_function="gelu_pytorch_tanh",
                          scale_attn_by_inverse_layer_idx=True, reorder_and_upcast_attn=True),
    "unscaled_untied": dict(n_embd=32, n_layer=2, n_head=4, activation_function="gelu_fast",
                            scale_attn_weights=False, tie_word_embeddings=False),
    "relu": dict(n_embd=40, n_layer=2, n_head=5, n_inner=64, activation_function="relu"),
    "silu_one_head": dict(n_embd=32, n_layer=2, n_head=1, activation_function="silu", layer_norm_epsilon=1e-6),
}
WITHOUT_PREFIX = {"erf_inner", "silu_one_head"}
WITH_BUFFERS = {"plain"}

# The fields of config.json, in the spelling of transformers 4 (rope_theta, rope_scaling) or 5 (rope_parameters).
LLAMA = dict(model_type="llama", architectures=["LlamaForCausalLM"], vocab_size=SMALL_VOCAB, hidden_size=32,
             intermediate_size=40, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=48, rms_norm_eps=1e-5,
             bos_token_id=1, eos_token_id=2)
QWEN2 = LLAMA | dict(model_type="qwen2", architectures=["Qwen2ForCausalLM"], num_key_value_heads=2)
MISTRAL = LLAMA | dict(model_type="mistral", architectures=["MistralForCausalLM"], num_key_value_heads=2)
LLAMA_CONFIGURATIONS = {
    "llama_plain": LLAMA,
    "llama_grouped_tied": LLAMA | dict(num_key_value_heads=2, tie_word_embeddings=True, rope_theta=500.0, pretraining_tp=1),
    "llama_one_key_head": LLAMA | dict(hidden_size=24, head_dim=16, num_key_value_heads=1, hidden_act="gelu_pytorch_tanh",
                                       rope_parameters=dict(rope_type="default", rope_theta=300.0)),
    "llama_biases": LLAMA | dict(attention_bias=True, mlp_bias=True, hidden_act="gelu", num_key_value_heads=2),
    "llama_linear": LLAMA | dict(max_position_embeddings=16, rope_scaling=dict(type="linear", factor=4.0)),
    "llama_dynamic": LLAMA | dict(max_position_embeddings=16, rope_theta=100.0, rope_scaling=dict(type="dynamic", factor=4.0)),
    "llama_yarn": LLAMA | dict(max_position_embeddings=64, rope_theta=20.0, num_key_value_heads=2,
                               rope_scaling=dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=16)),
    "llama_llama3": LLAMA | dict(max_position_embeddings=64, tie_word_embeddings=True,
                                 rope_parameters=dict(rope_type="llama3", rope_theta=10.0, factor=4.0, low_freq_factor=1.0,
                                                      high_freq_factor=4.0, original_max_position_embeddings=32)),
    "qwen2_window_off": QWEN2 | dict(use_sliding_window=False, sliding_window=4, max_window_layers=0,
                                     tie_word_embeddings=True),
    "qwen2_later_windows": QWEN2 | dict(num_hidden_layers=3, use_sliding_window=True, sliding_window=5, max_window_layers=1),
    "qwen2_layer_types": QWEN2 | dict(num_hidden_layers=3, use_sliding_window=True, sliding_window=3,
                                      layer_types=["sliding_attention", "full_attention", "sliding_attention"]),
    "qwen2_yarn": QWEN2 | dict(max_position_embeddings=16, sliding_window=None,
                               rope_scaling=dict(type="yarn", factor=4.0, beta_fast=4.0, beta_slow=1.0, truncate=False,
                                                 mscale=0.8, mscale_all_dim=1.5), rope_theta=20.0),
    "mistral_window": MISTRAL | dict(sliding_window=6),
    "mistral_no_window": MISTRAL | dict(sliding_window=None, head_dim=12, hidden_act="relu"),
}
DTYPES = {"llama_plain": torch.float32, "llama_one_key_head": torch.float16, "qwen2_layer_types": torch.float16}
SHARDED = {"llama_biases", "mistral_window"}
WITHOUT_MODEL_PREFIX = {"llama_linear"}


def random_gpt2(name, switches):
    torch.manual_seed(sum(map(ord, name)))
    config = transformers.GPT2Config(vocab_size=VOCAB, n_positions=48, bos_token_id=0, eos_token_id=0, **switches)
    config._attn_implementation = "eager"
    model = transformers.GPT2LMHeadModel(config).eval()
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            spread = 0.6 / parameter.shape[0] ** 0.5 if "c_" in key and key.endswith("weight") else 0.3
            value = torch.randn_like(parameter) * spread
            if ".ln_" in key and key.endswith("weight"):
                value += 1
            parameter.copy_(value.bfloat16().float())
    return model


def write_gpt2(model, folder, name, switches):
    fields = json.loads(model.config.to_json_string(use_diff=False))
    kept = {"vocab_size", "n_positions", "bos_token_id", "eos_token_id", "model_type", *switches}
    (folder / "config.json").write_text(json.dumps({k: v for k, v in fields.items() if k in kept}, indent=2) + "\n")
    tensors = {k: v.bfloat16().contiguous() for k, v in model.state_dict().items()}
    if model.config.tie_word_embeddings:
        del tensors["lm_head.weight"]
    if name in WITHOUT_PREFIX:
        tensors = {k.removeprefix("transformer."): v for k, v in tensors.items()}
    if name in WITH_BUFFERS:
        for layer in range(model.config.n_layer):
            tensors[f"transformer.h.{layer}.attn.bias"] = torch.ones(1, 1, 4, 4, dtype=torch.uint8).tril()
            tensors[f"transformer.h.{layer}.attn.masked_bias"] = torch.tensor(-1e4)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def random_llama(name, folder):
    """Of the folder's config.json, so that transformers reads the spelling that the tests read."""
    torch.manual_seed(sum(map(ord, name)))
    model = transformers.AutoModelForCausalLM.from_config(transformers.AutoConfig.from_pretrained(folder),
                                                          attn_implementation="eager").eval()
    dtype = DTYPES.get(name, torch.bfloat16)
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if key.endswith("bias"):
                value = torch.randn_like(parameter) * 0.3
            elif parameter.dim() == 1:
                value = 1 + torch.randn_like(parameter) * 0.3
            else:
                value = torch.randn_like(parameter) * (1.0 if "embed" in key else 1.3 / parameter.shape[1] ** 0.5)
            parameter.copy_(value.to(dtype).float())
    return model


def write_llama(model, folder, name):
    tensors = {k: v.to(DTYPES.get(name, torch.bfloat16)).contiguous() for k, v in model.state_dict().items()}
    if model.config.tie_word_embeddings:
        del tensors["lm_head.weight"]
    if name in WITHOUT_MODEL_PREFIX:
        tensors = {k.removeprefix("model."): v for k, v in tensors.items()}
    if name not in SHARDED:
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
        return
    names, index = sorted(tensors), {}
    for shard, own in enumerate((names[::2], names[1::2]), start=1):
        file = f"model-{shard:05}-of-00002.safetensors"
        save_file({k: tensors[k] for k in own}, folder / file, metadata={"format": "pt"})
        index |= dict.fromkeys(own, file)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": index}, indent=1) + "\n")


def logits(model, ids, **inputs):
    """One full pass. Dynamic rotary positions remember their longest text, so they start anew."""
    if hasattr(model, "model"):
        model.model.rotary_emb = type(model.model.rotary_emb)(model.config)
    return model(ids, use_cache=False, **inputs).logits


@torch.no_grad()
def golden(model, vocabulary, length, longest):
    """longest: of the batch's rows"""
    ids = torch.randint(0, vocabulary, (1, length))
    lengths, width = [longest - 3, 4, longest], longest
    batch = torch.zeros(len(lengths), width, dtype=torch.long)
    mask = torch.zeros_like(batch)
    for row, own in enumerate(lengths):
        batch[row, width - own:] = torch.randint(0, vocabulary, (own,))
        mask[row, width - own:] = 1
    positions = (mask.cumsum(1) - 1).masked_fill(mask == 0, 1)
    greedy = torch.randint(0, vocabulary, (1, 12))
    for _ in range(24):
        greedy = torch.cat([greedy, logits(model, greedy)[:, -1:].argmax(-1)], 1)
    return {
        "input_ids": ids,
        "logits": logits(model, ids),
        "batch_ids": batch,
        "batch_mask": mask,
        "batch_positions": positions,
        "batch_logits": logits(model, batch, attention_mask=mask, position_ids=positions),
        "greedy_ids": greedy,
    }


@torch.no_grad()
def decode_logits(model, ids):
    return torch.cat([logits(model, ids[:, :end])[:, -1:] for end in range(1, ids.shape[1] + 1)], 1)


def make_gpt2(name, folder):
    model = random_gpt2(name, CONFIGURATIONS[name])
    write_gpt2(model, folder, name, CONFIGURATIONS[name])
    return golden(model, VOCAB, length=20, longest=12)


def make_llama(name, folder):
    config = LLAMA_CONFIGURATIONS[name]
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    model = random_llama(name, folder)
    write_llama(model, folder, name)
    scaling = model.config.rope_parameters["rope_type"]
    dynamic = scaling == "dynamic"
    scaled = scaling != "default"
    tensors = golden(model, SMALL_VOCAB, length=40 if scaled else 20, longest=24 if scaled and not dynamic else 12)
    return tensors | ({"decode_logits": decode_logits(model, tensors["input_ids"])} if dynamic else {})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    names = [*CONFIGURATIONS, *LLAMA_CONFIGURATIONS]
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME")
    args = parser.parse_args()
    torch.set_num_threads(1)
    versions = {"script": "scripts/make_model_goldens.py", "torch": torch.__version__,
                "transformers": transformers.__version__}
    for name in args.only:
        folder = args.output / name
        folder.mkdir(parents=True, exist_ok=True)
        make = make_gpt2 if name in CONFIGURATIONS else make_llama
        tensors = {k: v.contiguous() for k, v in make(name, folder).items()}
        save_file(tensors, folder / "golden.safetensors", metadata=versions)
        print(name, "logits", tensors["logits"].abs().max().item(), "distinct greedy", tensors["greedy_ids"].unique().numel())


if __name__ == "__main__":
    main()
