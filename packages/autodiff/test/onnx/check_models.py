"""Checks ONNX models and compares onnx's own shape inference with given types.

Reads a JSON list of {"name", "model" (path), "types" {value: [element type, dimensions]}} from
standard input and writes {"failures": [...], "compared": n} to standard output. A value onnx gives
no full type counts as not compared.
"""

import json
import sys

import onnx


def inferred_types(model):
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    types = {}
    for value in list(inferred.graph.value_info) + list(inferred.graph.output):
        tensor = value.type.tensor_type
        if not tensor.HasField("shape"):
            continue
        dims = [d.dim_value if d.HasField("dim_value") else None for d in tensor.shape.dim]
        if None not in dims:
            types[value.name] = [tensor.elem_type, dims]
    return types


def main():
    failures = []
    compared = 0
    for entry in json.load(sys.stdin):
        model = onnx.load(entry["model"])
        try:
            onnx.checker.check_model(model, full_check=True)
            # What the file states would only be echoed.
            for output in model.graph.output:
                output.type.tensor_type.ClearField("shape")
            types = inferred_types(model)
        except Exception as error:  # whatever onnx raises is the finding
            failures.append("%s: %s" % (entry["name"], str(error).strip()))
            continue
        for value, expected in entry["types"].items():
            actual = types.get(value)
            if actual is None:
                continue
            compared += 1
            if actual != expected:
                failures.append(
                    "%s: %s is %s, onnx infers %s" % (entry["name"], value, expected, actual)
                )
    json.dump({"failures": failures, "compared": compared}, sys.stdout)


main()
