#!/usr/bin/env python3
"""Makes tests/data/model: small random GPT-2 checkpoints and what transformers computes with them.

    python3 scripts/make_model_goldens.py --output tests/data/model

One folder per configuration: config.json, model.safetensors (bf16 values, so small), golden.safetensors with
  input_ids [1, S], logits [1, S, V]                      prefill (token-by-token decode must agree)
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


def random_model(name, switches):
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


def write_checkpoint(model, folder, name, switches):
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


@torch.no_grad()
def golden(model):
    ids = torch.randint(0, VOCAB, (1, 20))
    lengths, width = [9, 4, 12], 12
    batch = torch.zeros(len(lengths), width, dtype=torch.long)
    mask = torch.zeros_like(batch)
    for row, length in enumerate(lengths):
        batch[row, width - length:] = torch.randint(0, VOCAB, (length,))
        mask[row, width - length:] = 1
    positions = (mask.cumsum(1) - 1).masked_fill(mask == 0, 1)
    greedy = torch.randint(0, VOCAB, (1, 12))
    for _ in range(24):
        greedy = torch.cat([greedy, model(greedy).logits[:, -1:].argmax(-1)], 1)
    return {
        "input_ids": ids,
        "logits": model(ids).logits,
        "batch_ids": batch,
        "batch_mask": mask,
        "batch_positions": positions,
        "batch_logits": model(batch, attention_mask=mask, position_ids=positions).logits,
        "greedy_ids": greedy,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    output = parser.parse_args().output
    torch.set_num_threads(1)
    versions = {"script": "scripts/make_model_goldens.py", "torch": torch.__version__,
                "transformers": transformers.__version__}
    for name, switches in CONFIGURATIONS.items():
        folder = output / name
        folder.mkdir(parents=True, exist_ok=True)
        model = random_model(name, switches)
        write_checkpoint(model, folder, name, switches)
        tensors = {k: v.contiguous() for k, v in golden(model).items()}
        save_file(tensors, folder / "golden.safetensors", metadata=versions)
        print(name, "logits", tensors["logits"].abs().max().item(), "distinct greedy", tensors["greedy_ids"].unique().numel())


if __name__ == "__main__":
    main()
