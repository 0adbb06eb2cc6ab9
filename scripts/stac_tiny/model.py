"""The network while it is trained: GPT-2 in plain PyTorch, with Hugging Face's names for its tensors.

It computes what transformers' GPT2LMHeadModel computes (evaluate_stac_tiny.py measures with that), but with one
fused GELU and attention without masks, which trains faster on two cores.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass(frozen=True)
class Shape:
    vocabulary: int = 1024
    context: int = 512
    width: int = 192
    layers: int = 4
    heads: int = 6


class Conv1D(nn.Module):
    """GPT-2's linear layer: weight [inputs, outputs]."""

    def __init__(self, inputs, outputs, std):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(inputs, outputs) * std)
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x):
        return torch.addmm(self.bias, x.view(-1, x.shape[-1]), self.weight).view(*x.shape[:-1], -1)


class Attention(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.heads = shape.heads
        self.c_attn = Conv1D(shape.width, 3 * shape.width, shape.width**-0.5)
        self.c_proj = Conv1D(shape.width, shape.width, shape.width**-0.5 * (2 * shape.layers) ** -0.5)

    def forward(self, x):
        rows, length, width = x.shape
        query, key, value = (part.view(rows, length, self.heads, -1).transpose(1, 2) for part in self.c_attn(x).split(width, 2))
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        return self.c_proj(mixed.transpose(1, 2).reshape(rows, length, width))


class MLP(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.c_fc = Conv1D(shape.width, 4 * shape.width, shape.width**-0.5)
        self.c_proj = Conv1D(4 * shape.width, shape.width, (4 * shape.width) ** -0.5 * (2 * shape.layers) ** -0.5)

    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class Block(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.ln_1, self.attn = nn.LayerNorm(shape.width), Attention(shape)
        self.ln_2, self.mlp = nn.LayerNorm(shape.width), MLP(shape)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class Transformer(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(shape.vocabulary, shape.width), nn.Embedding(shape.context, shape.width)
        self.h = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.ln_f = nn.LayerNorm(shape.width)
        nn.init.normal_(self.wte.weight, std=0.02)
        nn.init.normal_(self.wpe.weight, std=0.01)

    def forward(self, tokens):
        x = self.wte(tokens) + self.wpe.weight[: tokens.shape[1]]
        for block in self.h:
            x = block(x)
        return self.ln_f(x)


class StacTiny(nn.Module):
    """Token ids [rows, length] to the weighted loss of predicting each next token."""

    def __init__(self, shape):
        super().__init__()
        self.shape, self.transformer = shape, Transformer(shape)

    def forward(self, tokens, targets, weights):
        logits = F.linear(self.transformer(tokens), self.transformer.wte.weight)
        losses = F.cross_entropy(logits.view(-1, logits.shape[-1]), targets.reshape(-1), reduction="none")
        weights = weights.reshape(-1)
        return (losses * weights).sum() / weights.sum()


def huggingface_config(shape, bos, eos):
    return {
        "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "activation_function": "gelu_new",
        "vocab_size": shape.vocabulary, "n_positions": shape.context, "n_ctx": shape.context, "n_embd": shape.width,
        "n_layer": shape.layers, "n_head": shape.heads, "n_inner": None, "layer_norm_epsilon": 1e-5,
        "attn_pdrop": 0.0, "embd_pdrop": 0.0, "resid_pdrop": 0.0, "initializer_range": 0.02, "scale_attn_weights": True,
        "tie_word_embeddings": True, "use_cache": True, "bos_token_id": bos, "eos_token_id": eos, "dtype": "bfloat16",
    }
