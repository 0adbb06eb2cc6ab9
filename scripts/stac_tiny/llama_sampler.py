"""A batched sampler for small Llama checkpoints: one preallocated KV cache, many rows side by side.

transformers gives the same distribution but grows its cache by copying, which is three times slower at this size.
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file


class LlamaSampler:
    """Weights, rotary tables and one cache of `rows` x `length` positions."""

    def __init__(self, folder, rows, length):
        self.config = json.loads((Path(folder) / "config.json").read_text())
        self.weights = load_file(str(Path(folder) / "model.safetensors"))
        self.heads = self.config["num_attention_heads"]
        self.groups = self.config["num_key_value_heads"]
        self.width = self.config["hidden_size"] // self.heads
        angles = torch.outer(torch.arange(length).float(),
                             self.config["rope_theta"] ** (-torch.arange(0, self.width, 2).float() / self.width))
        self.cos, self.sin = torch.cat([angles, angles], 1).cos(), torch.cat([angles, angles], 1).sin()
        shape = (self.config["num_hidden_layers"], rows, self.groups, length, self.width)
        self.keys, self.values = torch.zeros(shape), torch.zeros(shape)

    def logits(self, tokens, position):
        """Logits [rows, vocabulary] after `tokens` [rows], all at the same position."""
        weight = self.weights
        x = weight["model.embed_tokens.weight"][tokens]
        for layer in range(self.config["num_hidden_layers"]):
            prefix = f"model.layers.{layer}."
            x = x + self.attention(self.norm(x, prefix + "input_layernorm.weight"), prefix, layer, position)
            h = self.norm(x, prefix + "post_attention_layernorm.weight")
            gate = F.silu(h @ weight[prefix + "mlp.gate_proj.weight"].T) * (h @ weight[prefix + "mlp.up_proj.weight"].T)
            x = x + gate @ weight[prefix + "mlp.down_proj.weight"].T
        head = weight.get("lm_head.weight", weight["model.embed_tokens.weight"])
        return self.norm(x, "model.norm.weight") @ head.T

    def attention(self, h, prefix, layer, position):
        rows = h.shape[0]
        project = lambda name: h @ self.weights[prefix + f"self_attn.{name}_proj.weight"].T
        query = self.rotate(project("q").view(rows, self.heads, self.width), position)
        self.keys[layer, :, :, position] = self.rotate(project("k").view(rows, self.groups, self.width), position)
        self.values[layer, :, :, position] = project("v").view(rows, self.groups, self.width)
        keys, values = self.keys[layer, :, :, : position + 1], self.values[layer, :, :, : position + 1]
        query = query.view(rows, self.groups, self.heads // self.groups, self.width)
        scores = torch.einsum("bgqd,bgtd->bgqt", query, keys) / self.width**0.5
        mixed = torch.einsum("bgqt,bgtd->bgqd", scores.softmax(-1), values)
        return mixed.reshape(rows, -1) @ self.weights[prefix + "self_attn.o_proj.weight"].T

    def rotate(self, x, position):
        half = torch.cat([-x[..., self.width // 2:], x[..., : self.width // 2]], -1)
        return x * self.cos[position] + half * self.sin[position]

    def norm(self, x, name):
        scale = x.square().mean(-1, keepdim=True).add(self.config["rms_norm_eps"]).rsqrt()
        return x * scale * self.weights[name]
