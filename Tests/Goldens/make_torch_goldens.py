"""Writes the golden files beside this script: small networks computed by PyTorch in float64.

Run it from any folder with `python make_torch_goldens.py`; it needs the packages torch and numpy.
Parameters are stored in Strata's layout: W [I, 4H], R [H, 4H] and b [4H] with the gates in the
order i, f, g, o, p [3, H] in the order i, f, o, and dense weights [I, H]. All inputs are multiples
of 1/64, so that they are the same numbers in float32.
"""

import json
import pathlib

import numpy
import torch
from torch.nn import functional

torch.set_default_dtype(torch.float64)
FOLDER = pathlib.Path(__file__).resolve().parent


class Case:
    """A network of named layers, its data, and what PyTorch makes of them."""

    def __init__(self, name, steps, batch, seed):
        self.random = numpy.random.default_rng(seed)
        self.steps, self.batch = steps, batch
        self.parameters, self.states = {}, {}
        self.record = {"name": name, "steps": steps, "batch": batch, "layers": []}

    def numbers(self, *shape):
        return torch.from_numpy(self.random.integers(-48, 49, shape) / 64.0)

    def layer(self, name, **settings):
        settings = {key: str(value) for key, value in settings.items()}
        self.record["layers"].append({"name": name, "settings": settings})

    def parameter(self, name, *shape):
        values = self.numbers(*shape).requires_grad_()
        self.parameters[name] = values
        return values

    def values(self, features, sequence=True):
        shape = (self.steps, self.batch, features) if sequence else (self.batch, features)
        x = self.numbers(*shape)
        self.record["input"] = {"features": features, "sequence": sequence, "values": flat(x)}
        return x

    def tokens(self, classes):
        x = torch.from_numpy(self.random.integers(0, classes, (self.steps, self.batch)))
        self.record["input"] = {"features": classes, "sequence": True, "tokens": flat(x)}
        return x

    def state(self, name, units):
        values = self.numbers(self.batch, units)
        self.states[name] = values
        return values

    def mask(self):
        mask = torch.from_numpy(self.random.integers(0, 4, (self.steps, self.batch)) > 0)
        self.record["mask"] = flat(mask.to(torch.float64))
        return mask

    def class_targets(self, classes):
        t = torch.from_numpy(self.random.integers(0, classes, (self.steps, self.batch)))
        self.record["target"] = {"classes": flat(t)}
        return t

    def value_targets(self, like, share=False):
        t = torch.from_numpy(self.random.integers(0 if share else -64, 65, like.shape) / 64.0)
        self.record["target"] = {"values": flat(t)}
        return t

    def finish(self, output, loss, final_states=None):
        loss.backward()
        self.record["parameters"] = {k: flat(v) for k, v in self.parameters.items()}
        self.record["states"] = {k: flat(v) for k, v in self.states.items()}
        self.record["output"] = flat(output)
        self.record["loss"] = loss.item()
        self.record["gradients"] = {k: flat(v.grad) for k, v in self.parameters.items()}
        self.record["finalStates"] = {k: flat(v) for k, v in (final_states or {}).items()}
        return self.record


def flat(tensor):
    values = tensor.detach().reshape(-1).tolist()
    return [int(v) if float(v).is_integer() else v for v in values]


def dense(case, name, x, units, **settings):
    case.layer(name, type=settings.pop("type", "dense"), units=units, **settings)
    weight = case.parameter(f"{name}.W", x.shape[-1], units)
    return x @ weight + case.parameter(f"{name}.b", units)


def torch_lstm(case, name, x, units, initial=None):
    """torch.nn.LSTM with parameters in Strata's layout; W may be given one-hot rows."""
    case.layer(name, type="lstm", units=units)
    inputs = x.shape[-1]
    W = case.parameter(f"{name}.W", inputs, 4 * units)
    R = case.parameter(f"{name}.R", units, 4 * units)
    b = case.parameter(f"{name}.b", 4 * units)
    module = torch.nn.LSTM(inputs, units)
    weights = {
        "weight_ih_l0": W.T, "weight_hh_l0": R.T, "bias_ih_l0": b,
        "bias_hh_l0": torch.zeros(4 * units),
    }
    state = None if initial is None else tuple(s.unsqueeze(0) for s in initial)
    arguments = (x,) if state is None else (x, state)
    output, (h, c) = torch.func.functional_call(module, weights, arguments)
    return output, h[0], c[0]


def graves_lstm(case, name, x, units, mask=None, initial=None):
    """Equations 7 to 11 of Graves 2013 with diagonal peepholes, step by step."""
    case.layer(name, type="graves_lstm", units=units)
    W = case.parameter(f"{name}.W", x.shape[-1], 4 * units)
    R = case.parameter(f"{name}.R", units, 4 * units)
    b = case.parameter(f"{name}.b", 4 * units)
    p = case.parameter(f"{name}.p", 3, units)
    h, c = initial or (torch.zeros(case.batch, units), torch.zeros(case.batch, units))
    outputs = []
    for t in range(case.steps):
        z_i, z_f, z_g, z_o = (x[t] @ W + h @ R + b).split(units, dim=-1)
        i = torch.sigmoid(z_i + p[0] * c)
        f = torch.sigmoid(z_f + p[1] * c)
        new_c = f * c + i * torch.tanh(z_g)
        o = torch.sigmoid(z_o + p[2] * new_c)
        new_h = o * torch.tanh(new_c)
        if mask is None:
            h, c = new_h, new_c
        else:
            keep = mask[t].unsqueeze(-1)
            h, c = torch.where(keep, new_h, h), torch.where(keep, new_c, c)
        outputs.append(h)
    return torch.stack(outputs), h, c


def mean_loss(rows, mask=None):
    """The mean over the rows that count."""
    return rows.mean() if mask is None else rows[mask].mean()


def squared_head(case, x, mask=None):
    y = dense(case, "output", x, 2, type="output", activation="identity", loss="mse")
    t = case.value_targets(y)
    return y, mean_loss(((y - t) ** 2).mean(dim=-1), mask)


def softmax_head(case, x, classes):
    z = dense(case, "output", x, classes, type="output")
    t = case.class_targets(classes)
    loss = functional.cross_entropy(z.reshape(-1, classes), t.reshape(-1))
    return torch.softmax(z, dim=-1), loss


def lstm_cases():
    case = Case("lstm on real rows", steps=6, batch=3, seed=1)
    h, _, _ = torch_lstm(case, "lstm", case.values(5), 7)
    yield case.finish(*squared_head(case, h))

    case = Case("two lstm layers on tokens with carried states", steps=5, batch=2, seed=2)
    x = functional.one_hot(case.tokens(6), 6).to(torch.float64)
    initial = {name: case.state(name, 5) for name in ["a.h", "a.c", "b.h", "b.c"]}
    h, ha, ca = torch_lstm(case, "a", x, 5, (initial["a.h"], initial["a.c"]))
    h, hb, cb = torch_lstm(case, "b", h, 5, (initial["b.h"], initial["b.c"]))
    final = {"a.h": ha, "a.c": ca, "b.h": hb, "b.c": cb}
    yield case.finish(*softmax_head(case, h, 6), final)


def graves_lstm_cases():
    case = Case("graves_lstm on real rows with carried states", steps=6, batch=3, seed=3)
    initial = (case.state("lstm.h", 7), case.state("lstm.c", 7))
    h, last_h, last_c = graves_lstm(case, "lstm", case.values(5), 7, initial=initial)
    yield case.finish(*squared_head(case, h), {"lstm.h": last_h, "lstm.c": last_c})

    case = Case("two graves_lstm layers on masked tokens", steps=6, batch=4, seed=4)
    x = functional.one_hot(case.tokens(6), 6).to(torch.float64)
    mask = case.mask()
    h, ha, ca = graves_lstm(case, "a", x, 4, mask)
    h, hb, cb = graves_lstm(case, "b", h, 4, mask)
    y, loss = squared_head(case, h, mask)
    yield case.finish(y, loss, {"a.h": ha, "a.c": ca, "b.h": hb, "b.c": cb})


ACTIVATIONS = {
    "identity": lambda x: x,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": functional.relu,
    "softmax": lambda x: torch.softmax(x, dim=-1),
    "leaky_relu": lambda x: functional.leaky_relu(x, 0.01),
    "elu": functional.elu,
    "gelu": functional.gelu,
    "softplus": functional.softplus,
    "softsign": functional.softsign,
    "hard_sigmoid": lambda x: torch.clamp(0.2 * x + 0.5, 0, 1),
    "hard_tanh": functional.hardtanh,
    "swish": functional.silu,
}


def dense_cases():
    for seed, (name, function) in enumerate(ACTIVATIONS.items()):
        case = Case(f"dense with {name}", steps=1, batch=5, seed=100 + seed)
        x = case.values(3, sequence=False)
        h = function(dense(case, "hidden", x, 4, activation=name))
        yield case.finish(*squared_head(case, h))


def loss_cases():
    case = Case("mean absolute error", steps=2, batch=3, seed=200)
    y = dense(case, "output", case.values(4), 3, type="output", activation="tanh", loss="mae")
    y = torch.tanh(y)
    yield case.finish(y, functional.l1_loss(y, case.value_targets(y)))

    case = Case("binary cross-entropy", steps=2, batch=3, seed=201)
    z = dense(
        case, "output", case.values(4), 3, type="output", activation="sigmoid",
        loss="binary_cross_entropy")
    t = case.value_targets(z, share=True)
    yield case.finish(torch.sigmoid(z), functional.binary_cross_entropy_with_logits(z, t))

    case = Case("embedding before softmax", steps=4, batch=3, seed=202)
    tokens = case.tokens(6)
    case.layer("embedding", type="embedding", units=5)
    table = case.parameter("embedding.W", 6, 5)
    yield case.finish(*softmax_head(case, functional.embedding(tokens, table), 4))


def write(name, cases):
    document = {
        "madeBy": "Tests/Goldens/make_torch_goldens.py",
        "torch": torch.__version__.split("+")[0],
        "cases": list(cases),
    }
    text = json.dumps(document, separators=(",", ":")).replace('{"name"', '\n{"name"')
    (FOLDER / name).write_text(text + "\n")


write("lstm.json", lstm_cases())
write("graves_lstm.json", graves_lstm_cases())
write("dense.json", dense_cases())
write("losses.json", loss_cases())
