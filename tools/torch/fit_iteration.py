"""
Iterations of a fit on request, for packages/core/bench/fit-speed.ts: lines of JSON on standard input, each answered by
one on standard output. `{"model", "leaves", "threads"}` reads the graph of the energy, whose inputs are constants of the
file, and answers `{"energy", "gradients"}` by the leaves' names; `{}` computes energy and gradients again and answers
`{"milliseconds"}`.
"""

import json
import sys
import time

import onnx
import torch

from onnx_graph import OnnxGraph
from usage_error import UsageError


def iteration(graph):
    """Energy, and its gradient by every leaf."""
    energy = graph.run()["energy"]
    slopes = torch.autograd.grad(energy.sum(), list(graph.leaves.values()), allow_unused=True)
    return energy, dict(zip(graph.leaves, slopes))


def opened(order):
    torch.set_num_threads(order["threads"])
    return OnnxGraph(onnx.load(order["model"]), order["leaves"])


def answer_of(graph, order):
    if order:
        energy, slopes = iteration(graph)
        gradients = {
            name: (torch.zeros_like(graph.leaves[name]) if slope is None else slope).flatten().tolist()
            for name, slope in slopes.items()
        }
        return {"energy": energy.item(), "gradients": gradients}
    begun = time.perf_counter()
    iteration(graph)
    return {"milliseconds": 1000 * (time.perf_counter() - begun)}


def main():
    graph = None
    for line in sys.stdin:
        order = json.loads(line)
        if order:
            graph = opened(order)
        print(json.dumps(answer_of(graph, order)), flush=True)


if __name__ == "__main__":
    try:
        main()
    except UsageError as error:
        sys.exit(str(error))
