"""
ONNX graphs evaluated by PyTorch, node by node, so that autograd differentiates them: the same computation as the file's,
written in PyTorch. Knows the operators, at opset 17, that the graph of a fit is made of.
"""

import numpy as np
import torch
import torch.nn.functional as F

from usage_error import UsageError

TYPES = {
    1: torch.float32,
    2: torch.uint8,
    6: torch.int32,
    7: torch.int64,
    9: torch.bool,
    10: torch.float16,
    11: torch.float64,
}
END = 1 << 62


class OnnxGraph:
    """A model whose named constants are leaves to differentiate by; everything else that is constant is folded."""

    def __init__(self, model, leaves):
        from onnx import numpy_helper

        self.leaves = {}
        constants = {}
        for tensor in model.graph.initializer:
            value = torch.from_numpy(np.array(numpy_helper.to_array(tensor)))
            if tensor.name in leaves:
                self.leaves[tensor.name] = value.requires_grad_()
            else:
                constants[tensor.name] = value
        missing = set(leaves) - set(self.leaves)
        if missing:
            raise UsageError(f"The model has no {', '.join(sorted(missing))}.")
        self.outputs = [output.name for output in model.graph.output]
        known = {**constants, **self.leaves}
        self.steps = []
        for node in model.graph.node:
            call = _calls(node, constants)
            inputs = [name for name in node.input if name]
            if all(name in constants for name in inputs):
                with torch.no_grad():
                    results = call({**constants})
                constants.update(zip(node.output, results))
                continue
            self.steps.append((call, list(node.output)))
        self.constants = constants

    def run(self):
        """The outputs by name."""
        values = {**self.constants, **self.leaves}
        for call, outputs in self.steps:
            for name, result in zip(outputs, call(values)):
                values[name] = result
        return {name: values[name] for name in self.outputs}


def _calls(node, constants):
    """What computes the node's outputs, a list, from the values by name."""
    from onnx import helper

    make = OPERATORS.get(node.op_type)
    if make is None:
        raise UsageError(f"The operator {node.op_type} of {node.name} is not written in PyTorch here.")
    attributes = {entry.name: helper.get_attribute_value(entry) for entry in node.attribute}
    # Arguments that say where and how much are constants; they become Python's numbers once.
    fixed = [constants[name].tolist() if name in constants and i > 0 else None for i, name in enumerate(node.input)] \
        if node.op_type in FIXED else []
    run = make(attributes, fixed)
    names = list(node.input)
    return lambda values: _listed(run(*[values[name] if name else None for name in names]))


def _listed(result):
    return result if isinstance(result, (list, tuple)) else [result]


def _plain(function):
    """An operator without attributes."""
    return lambda attributes, fixed: function


def _axes(attributes, fixed):
    axes = fixed[1] if len(fixed) > 1 and fixed[1] is not None else attributes.get("axes")
    return None if axes is None else list(axes)


def _reduction(function):
    def make(attributes, fixed):
        axes, keep = _axes(attributes, fixed), bool(attributes.get("keepdims", 1))
        return lambda x, *_: function(x, axes if axes is not None else list(range(x.dim())), keep)

    return make


def _reshape(attributes, fixed):
    shape = fixed[1]
    return lambda x, _: x.reshape([x.shape[i] if size == 0 else size for i, size in enumerate(shape)])


def _slice(attributes, fixed):
    starts, ends = fixed[1], fixed[2]
    axes = fixed[3] if len(fixed) > 3 and fixed[3] is not None else list(range(len(starts)))
    steps = fixed[4] if len(fixed) > 4 and fixed[4] is not None else [1] * len(starts)

    def run(x, *_):
        backwards = [axis for axis, step in zip(axes, steps) if step < 0]
        if backwards:
            if any(step != -1 for step in steps if step < 0):
                raise UsageError("A Slice walks backwards by more than one.")
            x = x.flip(backwards)
        index = [slice(None)] * x.dim()
        for start, end, axis, step in zip(starts, ends, axes, steps):
            size = x.shape[axis]
            first = min(max(start + size if start < 0 else start, -1 if step < 0 else 0), size)
            last = min(max(end + size if end < 0 else end, -1), size)
            index[axis] = slice(size - 1 - first, size - 1 - last) if step < 0 else slice(first, max(last, first), step)
        return x[tuple(index)]

    return run


def _pad(attributes, fixed):
    pads, mode = fixed[1], attributes.get("mode", b"constant").decode()
    value = fixed[2] if len(fixed) > 2 and fixed[2] is not None else 0
    rank = len(pads) // 2
    if mode != "constant":
        raise UsageError(f"A Pad of mode {mode} is not written in PyTorch here.")
    flat = [size for axis in reversed(range(rank)) for size in (pads[axis], pads[rank + axis])]
    return lambda x, *_: F.pad(x, flat, value=value)


def _windows(attributes):
    pads = list(attributes.get("pads", [0, 0, 0, 0]))
    half = len(pads) // 2
    symmetric = pads[:half] == pads[half:]
    around = [size for axis in reversed(range(half)) for size in (pads[axis], pads[half + axis])]
    return (pads[:half], None) if symmetric else ([0] * half, around)


def _conv(attributes, fixed):
    padding, around = _windows(attributes)
    strides = list(attributes.get("strides", [1, 1]))
    dilations = list(attributes.get("dilations", [1, 1]))
    group = attributes.get("group", 1)

    def run(x, w, bias=None):
        x = x if around is None else F.pad(x, around)
        return F.conv2d(x, w, bias, strides, padding, dilations, group)

    return run


def _average_pool(attributes, fixed):
    padding, around = _windows(attributes)
    if around is not None or any(padding) or attributes.get("ceil_mode", 0):
        raise UsageError("An AveragePool with pads is not written in PyTorch here.")
    kernel = list(attributes["kernel_shape"])
    strides = list(attributes.get("strides", [1] * len(kernel)))
    return lambda x: F.avg_pool2d(x, kernel, strides)


def _gemm(attributes, fixed):
    alpha, beta = attributes.get("alpha", 1.0), attributes.get("beta", 1.0)
    of_a, of_b = attributes.get("transA", 0), attributes.get("transB", 0)

    def run(a, b, c=None):
        a, b = (a.t() if of_a else a), (b.t() if of_b else b)
        return alpha * (a @ b) if c is None else torch.addmm(c, a, b, alpha=alpha, beta=beta)

    return run


def _gather(attributes, fixed):
    axis = attributes.get("axis", 0)

    def run(x, indices):
        dim = axis % x.dim()
        indices = torch.where(indices < 0, indices + x.shape[dim], indices)
        picked = x.index_select(dim, indices.reshape(-1))
        return picked.reshape([*x.shape[:dim], *indices.shape, *x.shape[dim + 1 :]])

    return run


def _scatter_nd(attributes, fixed):
    accumulate = attributes.get("reduction", b"none") == b"add"

    def run(x, indices, updates):
        places = tuple(indices.long().unbind(-1))
        return x.index_put(places, updates, accumulate=accumulate)

    return run


def _resize(attributes, fixed):
    mode = attributes.get("mode", b"nearest").decode()
    coordinates = attributes.get("coordinate_transformation_mode", b"half_pixel").decode()
    if len(fixed) > 3 and fixed[3]:
        size = [int(n) for n in fixed[3][2:]]
    else:
        size = None
    scales = fixed[2] if len(fixed) > 2 and fixed[2] else None
    if mode == "linear" and coordinates == "half_pixel":
        how = {"mode": "bilinear", "align_corners": False}
    elif mode == "nearest" and coordinates == "asymmetric":
        how = {"mode": "nearest"}
    else:
        raise UsageError(f"A Resize of mode {mode}, {coordinates} is not written in PyTorch here.")

    def run(x, *_):
        to = size or [int(n * scale) for n, scale in zip(x.shape[2:], scales[2:])]
        return F.interpolate(x, size=to, **how)

    return run


def _grid_sample(attributes, fixed):
    mode = attributes.get("mode", b"bilinear").decode()
    padding = attributes.get("padding_mode", b"zeros").decode()
    align = bool(attributes.get("align_corners", 0))
    return lambda x, grid: F.grid_sample(x, grid, mode, padding, align)


def _batch_normalization(attributes, fixed):
    epsilon = attributes.get("epsilon", 1e-5)
    return lambda x, scale, shift, mean, variance: F.batch_norm(x, mean, variance, scale, shift, False, 0.0, epsilon)


def _depth_to_space(attributes, fixed):
    size, mode = attributes["blocksize"], attributes.get("mode", b"DCR").decode()

    def run(x):
        n, c, h, w = x.shape
        if mode == "CRD":
            return F.pixel_shuffle(x, size)
        blocks = x.reshape(n, size, size, c // size**2, h, w).permute(0, 3, 4, 1, 5, 2)
        return blocks.reshape(n, c // size**2, h * size, w * size)

    return run


def _p_norm(x, p, axis):
    return x / torch.linalg.vector_norm(x, p, axis, keepdim=True)


OPERATORS = {
    "Abs": _plain(torch.abs),
    "Add": _plain(torch.add),
    "And": _plain(torch.logical_and),
    "AveragePool": _average_pool,
    "BatchNormalization": _batch_normalization,
    "Cast": lambda attributes, fixed: lambda x: x.to(TYPES[attributes["to"]]),
    "Clip": lambda attributes, fixed: lambda x, low=None, high=None: torch.clamp(x, low, high),
    "Concat": lambda attributes, fixed: lambda *xs: torch.cat(xs, attributes["axis"]),
    "Conv": _conv,
    "Cos": _plain(torch.cos),
    "DepthToSpace": _depth_to_space,
    "Div": _plain(torch.div),
    "Equal": _plain(torch.eq),
    "Exp": _plain(torch.exp),
    "Expand": lambda attributes, fixed: lambda x, _: x.expand(
        torch.broadcast_shapes(x.shape, torch.Size(fixed[1]))
    ),
    "Floor": _plain(torch.floor),
    "Gather": _gather,
    "Gemm": _gemm,
    "Greater": _plain(torch.gt),
    "GreaterOrEqual": _plain(torch.ge),
    "GridSample": _grid_sample,
    "Identity": _plain(lambda x: x),
    "LeakyRelu": lambda attributes, fixed: lambda x: F.leaky_relu(x, attributes.get("alpha", 0.01)),
    "Less": _plain(torch.lt),
    "LessOrEqual": _plain(torch.le),
    "Log": _plain(torch.log),
    "LpNormalization": lambda attributes, fixed: lambda x: _p_norm(
        x, attributes.get("p", 2), attributes.get("axis", -1)
    ),
    "MatMul": _plain(torch.matmul),
    "Max": _plain(lambda *xs: _folded(torch.maximum, xs)),
    "Min": _plain(lambda *xs: _folded(torch.minimum, xs)),
    "Mul": _plain(torch.mul),
    "Neg": _plain(torch.neg),
    "PRelu": _plain(lambda x, slope: F.prelu(x, slope.reshape(-1))),
    "Pad": _pad,
    "Pow": _plain(torch.pow),
    "Reciprocal": _plain(torch.reciprocal),
    "ReduceL2": _reduction(lambda x, axes, keep: torch.linalg.vector_norm(x, 2, axes, keepdim=keep)),
    "ReduceMean": _reduction(lambda x, axes, keep: x.mean(axes, keepdim=keep)),
    "ReduceSum": _reduction(lambda x, axes, keep: x.sum(axes, keepdim=keep)),
    "Relu": _plain(torch.relu),
    "Reshape": _reshape,
    "Resize": _resize,
    "ScatterND": _scatter_nd,
    "Sigmoid": _plain(torch.sigmoid),
    "Sign": _plain(torch.sign),
    "Sin": _plain(torch.sin),
    "Slice": _slice,
    "Softplus": _plain(F.softplus),
    "Sqrt": _plain(torch.sqrt),
    "Sub": _plain(torch.sub),
    "Sum": _plain(lambda *xs: _folded(torch.add, xs)),
    "Tanh": _plain(torch.tanh),
    "Transpose": lambda attributes, fixed: lambda x: x.permute(attributes.get("perm", list(reversed(range(x.dim()))))),
    "Where": _plain(torch.where),
}
FIXED = {"Expand", "Pad", "ReduceMean", "ReduceL2", "ReduceSum", "Reshape", "Resize", "Slice"}


def _folded(function, xs):
    result = xs[0]
    for x in xs[1:]:
        result = function(result, x)
    return result
