#!/usr/bin/env python3
"""Spikes and membrane potentials of SpikingJelly's IFNode and LIFNode, for tests/snn/field_neuron_test.cpp.

Run once per version, from a Python in which `pip install --no-deps spikingjelly==VERSION` was done:

    python3 scripts/make_spikingjelly_goldens.py --output tests/data/neurons/spikingjelly-VERSION.safetensors
"""

import argparse
import itertools
from importlib.metadata import PackageNotFoundError, version

import torch
from safetensors.torch import save_file

TIMESTEPS, NEURONS, SEED = 12, 10, 7
RESETS = {"none": None, "0": 0.0, "-0.3": -0.3}


def nodes():
    """(name, constructor): the name says the parameters."""
    from spikingjelly.activation_based import neuron

    for threshold, (reset_name, reset) in itertools.product((1.0, 0.7), RESETS.items()):
        yield f"if threshold={threshold} reset={reset_name}", lambda t=threshold, r=reset: neuron.IFNode(v_threshold=t, v_reset=r)
        for tau, decay in itertools.product((1.5, 2.0, 7.3), (True, False)):
            yield (f"lif threshold={threshold} reset={reset_name} tau={tau} decay_input={int(decay)}",
                   lambda t=threshold, r=reset, c=tau, d=decay: neuron.LIFNode(tau=c, decay_input=d, v_threshold=t, v_reset=r))


@torch.no_grad()
def run(node, inputs):
    spikes, potentials = [], []
    for x in inputs:
        spikes.append(node(x).to(torch.int8))
        potentials.append(node.v.clone().float())
    return torch.stack(spikes), torch.stack(potentials)


def spikingjelly_version():
    try:
        return version("spikingjelly")
    except PackageNotFoundError:
        raise SystemExit("spikingjelly is not installed: pip install --no-deps spikingjelly==2.0.0")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", required=True)
    args = parser.parse_args()
    torch.manual_seed(SEED)
    inputs = torch.randn(TIMESTEPS, NEURONS) * 2 + 1.5
    tensors = {"inputs": inputs}
    for mode in ("eval", "train"):
        for name, make in nodes():
            node = make()
            node.train(mode == "train")
            tensors[f"{mode} {name} spikes"], tensors[f"{mode} {name} potentials"] = run(node, inputs)
    save_file(tensors, args.output, metadata={"made_by": "scripts/make_spikingjelly_goldens.py", "seed": str(SEED),
                                              "spikingjelly": spikingjelly_version(), "torch": torch.__version__})


if __name__ == "__main__":
    main()
