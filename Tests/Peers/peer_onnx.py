"""One measurement of ONNX Runtime, in a process of its own: reads a task from its argument as JSON
and prints its result as JSON. Needs: pip install onnx onnxruntime numpy
"""

import json
import statistics
import sys
import time

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper


def model(layers, units, vocabulary):
    """x [1, 1, V], and h and c [1, 1, H] of each layer, to scores [1, 1, V] and new states."""
    random = numpy.random.default_rng(1)
    weights, nodes, inputs, outputs = [], [], [], []

    def weight(name, *shape):
        values = random.uniform(-0.1, 0.1, shape).astype(numpy.float32)
        weights.append(numpy_helper.from_array(values, name))
        return name

    def value(name, width):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 1, width])

    weights.append(numpy_helper.from_array(numpy.array([1]), "directions"))
    inputs.append(value("x", vocabulary))
    rows, width = "x", vocabulary
    for layer in range(layers):
        parameters = [
            weight(f"W{layer}", 1, 4 * units, width),
            weight(f"R{layer}", 1, 4 * units, units),
            weight(f"b{layer}", 1, 8 * units),
        ]
        states = [f"h{layer}", f"c{layer}"]
        inputs += [value(name, units) for name in states]
        results = [f"y{layer}", f"h{layer}_next", f"c{layer}_next"]
        outputs += [value(name, units) for name in results[1:]]
        nodes.append(
            helper.make_node("LSTM", [rows, *parameters, "", *states], results, hidden_size=units)
        )
        nodes.append(helper.make_node("Squeeze", [f"y{layer}", "directions"], [f"rows{layer}"]))
        rows, width = f"rows{layer}", units
    nodes.append(helper.make_node("MatMul", [rows, weight("W", units, vocabulary)], ["products"]))
    nodes.append(helper.make_node("Add", ["products", weight("b", vocabulary)], ["scores"]))
    outputs.append(value("scores", vocabulary))
    graph = helper.make_graph(nodes, "step", inputs, outputs, weights)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(made)
    return made


def main():
    task = json.loads(sys.argv[1])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = task["threads"]
    made = model(task["layers"], task["units"], task["vocabulary"])
    session = onnxruntime.InferenceSession(
        made.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    zero = numpy.zeros((1, 1, task["units"]), numpy.float32)
    states = [value.name for value in session.get_inputs() if value.name != "x"]
    feed = {name: zero for name in states}
    feed["x"] = numpy.zeros((1, 1, task["vocabulary"]), numpy.float32)
    feed["x"][0, 0, 3] = 1
    names = [f"{name}_next" for name in states] + ["scores"]
    times = []
    for _ in range(task["repetitions"]):
        begin = time.perf_counter()
        results = session.run(names, feed)
        feed.update(zip(states, results))
        times.append(time.perf_counter() - begin)
    print(json.dumps({"seconds": statistics.median(times[len(times) // 5 :])}))


main()
