"""Muon for the hidden matrices, AdamW for everything else.

Muon (Jordan et al., 2024, "Muon: An optimizer for hidden layers in neural networks") replaces a matrix's momentum by
the nearest orthogonal matrix, found by a few Newton-Schulz steps; it needs far fewer tokens than AdamW here.
"""

import torch


def orthogonalised(matrices, steps=5):
    """Newton-Schulz on a stack [count, rows, columns] with rows <= columns: singular values go to about 1."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrices / (matrices.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x


def as_stack(matrix):
    """A weight as square-ish stack [count, rows, columns], rows <= columns: query, key and value are separate maps."""
    rows, columns = matrix.shape
    if columns == 3 * rows:
        return matrix.view(rows, 3, rows).transpose(0, 1)
    return (matrix if rows <= columns else matrix.T)[None]


class Muon(torch.optim.Optimizer):
    def __init__(self, parameters, lr, momentum=0.95, weight_decay=0.01):
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})
        for group in self.param_groups:
            for parameter in group["params"]:
                self.state[parameter]["momentum"] = torch.zeros_like(parameter).share_memory_()

    @torch.no_grad()
    def step(self, worker=0, workers=1):
        """Updates this worker's share of the matrices (all of them by default)."""
        for group in self.param_groups:
            for parameter in group["params"][worker::workers]:
                self.update(parameter, group)

    def update(self, parameter, group):
        momentum = self.state[parameter]["momentum"]
        momentum.lerp_(parameter.grad, 1 - group["momentum"])
        direction = parameter.grad.lerp(momentum, group["momentum"])
        parameter.mul_(1 - group["lr"] * group["weight_decay"])
        stack = as_stack(direction)
        # 0.2 sqrt(longer side) gives updates the size of AdamW's (Liu et al., 2025, "Muon is scalable for LLM training").
        scale = 0.2 * max(stack.shape[1:]) ** 0.5
        as_stack(parameter.data).add_(orthogonalised(stack), alpha=-group["lr"] * scale)


def optimizers(model, muon_lr, adam_lr):
    """Muon for 2-D hidden weights; AdamW for embeddings, norms and biases, with the table of positions as second group."""
    hidden = [p for name, p in model.named_parameters() if p.ndim == 2 and ".h." in name]
    others = [p for name, p in model.named_parameters() if not (p.ndim == 2 and ".h." in name) and "wpe" not in name]
    groups = [{"params": others}, {"params": [model.transformer.wpe.weight]}]
    return Muon(hidden, muon_lr), torch.optim.AdamW(groups, adam_lr, betas=(0.9, 0.95), weight_decay=0.0)
