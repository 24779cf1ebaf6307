#!/usr/bin/env python3
"""Computes reference vectors for gradc's operations with PyTorch, in float64.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install torch numpy
    /tmp/venv/bin/python compiler/op/testdata/pytorch/make_vectors.py

It writes one text file per operation beside itself; pytorch_test.go reads them. A file is a list
of cases. A case is a graph in the text form of compiler/ir and, line by line, tensors in
row-major order:

    case train NAME                  or infer NAME, which has no gradients
    x: f32[2,3] = param() ...        the graph; its last value is the result
    given x = 0.5 -1 ...             the content of a source
    given weight = ...               the gradient of the result
    expect result = ...
    expect gradient x = ...
    expect update running_mean = ... its new content after a training step
"""

import pathlib

import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
torch.set_default_dtype(torch.float64)


def sizes(dims):
    return "[" + ",".join(str(d) for d in dims) + "]"


def attr(value):
    """An attribute in the text form of compiler/ir."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (tuple, list)):
        return sizes(value)
    if isinstance(value, str):
        return '"' + value + '"'
    return repr(value)


def numbers(tensor, digits=14):
    return " ".join(f"{v:.{digits}g}" for v in tensor.detach().flatten().tolist())


class Vectors:
    """The file of one operation."""

    def __init__(self, name):
        self.name = name
        self.random = torch.Generator().manual_seed(len(name) * 1000 + sum(map(ord, name)))
        self.lines = [f"// PyTorch {torch.__version__.split('+')[0]}, by make_vectors.py."]

    def normal(self, *dims, scale=1.0):
        """Random numbers of three decimals, which have a short text."""
        t = torch.randn(dims, generator=self.random) * scale
        return t.mul(1000).round().div(1000)

    def classes(self, n, k):
        return torch.randint(0, k, (n,), generator=self.random)

    def case(self, name, mode="train"):
        return Case(self, name, mode)

    def write(self):
        (HERE / f"{self.name}.txt").write_text("\n".join(self.lines) + "\n")


class Case:
    """One use of operations and what PyTorch makes of it."""

    def __init__(self, vectors, name, mode):
        self.vectors, self.mode = vectors, mode
        self.graph = [f"case {mode} {name}"]
        self.data = []
        self.params = []

    def param(self, name, t):
        t = t.clone().requires_grad_()
        self.params.append((name, t))
        self._source(name, f"f32{sizes(t.shape)}", "param",
                     t, f' init="zeros" fan_in=1 fan_out=1 gain=1')
        return t

    def state(self, name, t):
        self._source(name, f"f32{sizes(t.shape)}", "state", t, " init=0")
        return t.clone()

    def labels(self, name, t):
        self._source(name, f"i32{sizes(t.shape)}", "labels", t, "")
        return t

    def _source(self, name, typ, op, t, attrs):
        self.graph.append(f"{name}: {typ} = {op}() shape={sizes(t.shape)}{attrs}")
        self.data.append(f"given {name} = {numbers(t)}")

    def value(self, name, op, args, shape, **attrs):
        text = "".join(f" {k}={attr(v)}" for k, v in attrs.items())
        self.graph.append(f"{name}: f32{sizes(shape)} = {op}({', '.join(args)}){text}")

    def done(self, result, updates=()):
        """Records the result, its gradients under a random weight, and updates."""
        data = self.data
        data.append(f"expect result = {numbers(result)}")
        if self.mode == "train":
            weight = self.vectors.normal(*result.shape)
            data.append(f"given weight = {numbers(weight)}")
            grads = torch.autograd.grad(result, [t for _, t in self.params], weight)
            for (name, _), g in zip(self.params, grads):
                data.append(f"expect gradient {name} = {numbers(g)}")
            for name, t in updates:
                data.append(f"expect update {name} = {numbers(t)}")
        self.vectors.lines += self.graph + data + [""]


def conv2d():
    v = Vectors("conv2d")
    for n, c, h, w, o, kernel, stride, pad, dilation, bias in [
        (2, 3, 7, 6, 4, (3, 3), (1, 1), (0, 0), (1, 1), False),
        (1, 1, 5, 5, 1, (1, 1), (1, 1), (0, 0), (1, 1), True),
        (2, 2, 8, 9, 3, (3, 2), (2, 1), (1, 0), (1, 1), True),
        (1, 3, 9, 8, 2, (3, 3), (1, 1), (2, 2), (2, 2), True),
        (2, 17, 4, 5, 18, (3, 3), (2, 2), (1, 1), (1, 1), True),
        (1, 2, 6, 9, 2, (5, 3), (3, 2), (2, 1), (1, 2), False),
        (1, 16, 3, 3, 16, (3, 3), (1, 1), (1, 1), (1, 1), False),
    ]:
        case = v.case(f"kernel {kernel} stride {stride} pad {pad} dilation {dilation} bias {bias}")
        x = case.param("x", v.normal(n, c, h, w))
        weights = case.param("w", v.normal(o, c, *kernel))
        b = case.param("b", v.normal(o)) if bias else None
        y = F.conv2d(x, weights, b, stride, pad, dilation)
        case.value("conv", "conv2d", ["x", "w"], y.shape, stride=stride, pad=pad,
                   dilation=dilation)
        if bias:
            case.value("y", "bias", ["conv", "b"], y.shape)
        case.done(y)
    v.write()


def linear():
    v = Vectors("linear")
    for n, k, o, bias in [(3, 5, 4, True), (1, 1, 1, True), (4, 7, 3, False), (2, 17, 19, True)]:
        case = v.case(f"{k} to {o} bias {bias}")
        x, w = case.param("x", v.normal(n, k)), case.param("w", v.normal(o, k))
        b = case.param("b", v.normal(o)) if bias else None
        y = F.linear(x, w, b)
        case.value("product", "linear", ["x", "w"], y.shape)
        if bias:
            case.value("y", "bias", ["product", "b"], y.shape)
        case.done(y)
    v.write()


def matmul():
    v = Vectors("matmul")
    for ta in (False, True):
        for tb in (False, True):
            case = v.case(f"transposed {ta} {tb}")
            a = case.param("a", v.normal(*((4, 3) if ta else (3, 4))))
            b = case.param("b", v.normal(*((5, 4) if tb else (4, 5))))
            y = (a.T if ta else a) @ (b.T if tb else b)
            case.value("y", "matmul", ["a", "b"], y.shape, trans_a=ta, trans_b=tb)
            case.done(y)
    v.write()


def batch_norm():
    v = Vectors("batch_norm")
    for mode in ("train", "infer"):
        for shape in [(4, 3, 5, 2), (2, 1, 1, 3), (6, 4), (3, 17)]:
            for affine, eps, momentum in [(True, 1e-5, 0.1), (False, 1e-3, 0.3)]:
                case = v.case(f"{shape} affine {affine}", mode)
                c = shape[1]
                x = case.param("x", v.normal(*shape, scale=2) + 1.5)
                args, gamma, beta = ["x"], None, None
                if affine:
                    gamma = case.param("gamma", v.normal(c))
                    beta = case.param("beta", v.normal(c))
                    args += ["gamma", "beta"]
                mean = case.state("running_mean", v.normal(c))
                var = case.state("running_var", v.normal(c).abs() + 0.5)
                y = F.batch_norm(x, mean, var, gamma, beta, mode == "train", momentum, eps)
                case.value("y", "batch_norm", args + ["running_mean", "running_var"], shape,
                           eps=eps, momentum=momentum, affine=affine)
                case.done(y, [("running_mean", mean), ("running_var", var)])
    v.write()


POOLS = [
    ((2, 3, 6, 8), (2, 2), (2, 2), (0, 0)),
    ((1, 2, 7, 7), (3, 3), (2, 2), (1, 1)),
    ((2, 1, 5, 9), (3, 2), (1, 3), (1, 0)),
    ((1, 17, 4, 4), (2, 2), (1, 1), (1, 1)),
    ((1, 1, 1, 1), (1, 1), (1, 1), (0, 0)),
]


def max_pool2d():
    v = Vectors("max_pool2d")
    for ties in (False, True):
        for shape, kernel, stride, pad in POOLS:
            case = v.case(f"kernel {kernel} stride {stride} pad {pad} ties {ties}")
            x = v.normal(*shape)
            x = case.param("x", x.round() if ties else x)
            y = F.max_pool2d(x, kernel, stride, pad)
            case.value("y", "max_pool2d", ["x"], y.shape, kernel=kernel, stride=stride, pad=pad)
            case.done(y)
    v.write()


def avg_pool2d():
    v = Vectors("avg_pool2d")
    for count in (True, False):
        for shape, kernel, stride, pad in POOLS:
            case = v.case(f"kernel {kernel} stride {stride} pad {pad} count_include_pad {count}")
            x = case.param("x", v.normal(*shape))
            y = F.avg_pool2d(x, kernel, stride, pad, count_include_pad=count)
            case.value("y", "avg_pool2d", ["x"], y.shape, kernel=kernel, stride=stride, pad=pad,
                       count_include_pad=count)
            case.done(y)
    v.write()


def global_pools():
    for name, pool in [("global_avg_pool", F.adaptive_avg_pool2d),
                       ("global_max_pool", F.adaptive_max_pool2d)]:
        v = Vectors(name)
        for shape in [(2, 3, 4, 5), (1, 17, 3, 3), (2, 1, 1, 1)]:
            case = v.case(f"of {shape}")
            x = case.param("x", v.normal(*shape))
            y = pool(x, 1)
            case.value("y", name, ["x"], y.shape)
            case.done(y)
        v.write()


def maps():
    """Elementwise operations of one argument, at 0 and far from it as well."""
    for name, settings in {
        "relu": [({}, F.relu)],
        "leaky_relu": [({"slope": s}, lambda x, s=s: F.leaky_relu(x, s)) for s in (0.01, 0.3)],
        "sigmoid": [({}, torch.sigmoid)],
        "softplus": [({"beta": b, "threshold": t}, lambda x, b=b, t=t: F.softplus(x, b, t))
                     for b, t in [(1.0, 20.0), (2.0, 3.0), (0.5, 1.0), (3.0, 100.0)]],
        "selu": [({}, F.selu)],
        "scale": [({"factor": f}, lambda x, f=f: x * f) for f in (0.5, -3.0)],
        "softmax": [({}, lambda x: F.softmax(x, 1))],
    }.items():
        v = Vectors(name)
        for attrs, f in settings:
            for shape, scale in [((3, 7), 1.0), ((2, 5), 20.0), ((2, 3, 2, 2), 3.0)]:
                case = v.case(" ".join(f"{k} {a}" for k, a in attrs.items()) + f" of {shape}")
                x = v.normal(*shape, scale=scale)
                x.view(-1)[0] = 0
                x = case.param("x", x)
                case.value("y", name, ["x"], shape, **attrs)
                case.done(f(x))
        v.write()


def pairs():
    """Elementwise operations of two arguments."""
    for name, f in [("add", torch.add), ("mul", torch.mul)]:
        v = Vectors(name)
        for left, right in [((2, 3, 4, 1), (2, 3, 4, 1)), ((2, 3, 4, 2), (2, 3, 1, 1)),
                            ((1, 5), (4, 1))]:
            case = v.case(f"{left} {right}")
            a, b = case.param("a", v.normal(*left)), case.param("b", v.normal(*right))
            y = f(a, b)
            case.value("y", name, ["a", "b"], y.shape)
            case.done(y)
        v.write()


def flatten():
    v = Vectors("flatten")
    for shape in [(2, 3, 2, 3), (4, 5)]:
        case = v.case(f"of {shape}")
        x = case.param("x", v.normal(*shape))
        y = x.flatten(1)
        case.value("y", "flatten", ["x"], y.shape)
        case.done(y)
    v.write()


def dropout():
    v = Vectors("dropout")
    case = v.case("does nothing in evaluation", "infer")
    x = case.param("x", v.normal(3, 5))
    case.value("y", "dropout", ["x"], x.shape, p=0.3, site=1)
    case.done(F.dropout(x, 0.3, training=False))
    v.write()


def cross_entropy():
    v = Vectors("cross_entropy")
    for n, k, scale, smoothing, temperature in [
        (4, 10, 2.0, 0.0, 1.0), (4, 10, 2.0, 0.1, 1.0), (3, 7, 3.0, 0.0, 0.5),
        (3, 7, 3.0, 0.25, 3.0), (5, 3, 1e4, 0.0, 1.0), (5, 3, 1e4, 0.1, 2.0),
        (1, 1, 1.0, 0.1, 1.0), (2, 2, 1.0, 0.0, 1.0),
    ]:
        case = v.case(f"label_smoothing {smoothing} temperature {temperature} size {scale}")
        x = case.param("x", v.normal(n, k, scale=scale))
        labels = case.labels("labels", v.classes(n, k))
        y = F.cross_entropy(x / temperature, labels, reduction="none",
                            label_smoothing=smoothing).reshape(n, 1)
        case.value("y", "cross_entropy", ["x", "labels"], y.shape, label_smoothing=smoothing,
                   temperature=temperature)
        case.done(y)
    v.write()


def focal_loss():
    v = Vectors("focal_loss")
    for n, k, gamma, alpha in [(4, 10, 2.0, 1.0), (4, 10, 2.0, 0.25), (3, 5, 0.0, 1.0),
                               (3, 5, 0.5, 1.0), (3, 2, 1.0, 0.75), (6, 3, 3.5, 1.0)]:
        case = v.case(f"gamma {gamma} alpha {alpha}")
        x = case.param("x", v.normal(n, k, scale=2))
        labels = case.labels("labels", v.classes(n, k))
        log_p = F.log_softmax(x, 1).gather(1, labels[:, None])
        y = -alpha * (1 - log_p.exp()) ** gamma * log_p
        case.value("y", "focal_loss", ["x", "labels"], y.shape, gamma=gamma, alpha=alpha)
        case.done(y)
    v.write()


def optimizers():
    """Parameters after each of several steps with given gradients and learning rates."""
    v = Vectors("optimizers")
    size, rates = 7, [0.1, 0.1, 0.05, 0.2, 0.01, 0.1]
    for name, make, args in [
        ("sgd", torch.optim.SGD, {"momentum": 0.0, "weight_decay": 0.0, "nesterov": 0}),
        ("sgd", torch.optim.SGD, {"momentum": 0.9, "weight_decay": 0.0, "nesterov": 0}),
        ("sgd", torch.optim.SGD, {"momentum": 0.8, "weight_decay": 0.05, "nesterov": 0}),
        ("sgd", torch.optim.SGD, {"momentum": 0.9, "weight_decay": 0.01, "nesterov": 1}),
        ("adam", torch.optim.Adam, {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}),
        ("adam", torch.optim.Adam, {"beta1": 0.5, "beta2": 0.9, "eps": 1e-3}),
        ("adamw", torch.optim.AdamW,
         {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.01}),
        ("adamw", torch.optim.AdamW,
         {"beta1": 0.8, "beta2": 0.95, "eps": 1e-6, "weight_decay": 0.3}),
    ]:
        w = v.normal(size).requires_grad_()
        options = dict(args)
        if "beta1" in options:
            options["betas"] = (options.pop("beta1"), options.pop("beta2"))
        if "nesterov" in options:
            options["nesterov"] = bool(options["nesterov"])
        optimizer = make([w], lr=rates[0], **options)
        choice = " ".join([name] + [f"{k}={a!r}" for k, a in args.items()])
        v.lines += [f"case train {choice}", f"optimizer {choice}", f"given params = {numbers(w)}",
                    f"given rates = {numbers(torch.tensor(rates))}"]
        for step, rate in enumerate(rates, start=1):
            w.grad = v.normal(size)
            optimizer.param_groups[0]["lr"] = rate
            v.lines.append(f"given grads.{step} = {numbers(w.grad)}")
            optimizer.step()
            v.lines.append(f"expect params.{step} = {numbers(w)}")
        v.lines.append("")
    v.write()


if __name__ == "__main__":
    for make in (conv2d, linear, matmul, batch_norm, max_pool2d, avg_pool2d, global_pools, maps,
                 pairs, flatten, dropout, cross_entropy, focal_loss, optimizers):
        make()
