#!/usr/bin/env python3
"""Computes three training steps of whole networks with PyTorch, in float64.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install torch
    /tmp/venv/bin/python internal/fuzznet/testdata/pytorch/make_vectors.py [NAME...]

It reads the descriptions beside itself, NAME.json, and writes NAME.txt, which pytorch_test.go
reads: for each step the loss, and of each tensor the product with random numbers and the norm.

    step loss 2.3025
    step gradient 3 PRODUCT NORM          of parameter 3, in the order in which layers are applied
    step param 3 PRODUCT NORM             behind the update
    step state 0 PRODUCT NORM             running statistics, likewise

Data and parameters come from a counter, see numbers and Trainer.start.
"""

import json
import math
import pathlib
import sys

import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
STEPS = 3
MASK = (1 << 64) - 1
torch.set_default_dtype(torch.float64)


def signed(v):
    return v - (1 << 64) if v >= 1 << 63 else v


def shifted(z, by):
    return (z >> by) & ((1 << (64 - by)) - 1)


def numbers(stream, *dims):
    """Numbers from 0 up to 1: bits of splitmix64 of the counter stream·2³² + index."""
    count = math.prod(dims)
    z = torch.arange(count, dtype=torch.int64) + (stream << 32) + 1
    z = z * signed(0x9E3779B97F4A7C15)
    z = (z ^ shifted(z, 30)) * signed(0xBF58476D1CE4E5B9)
    z = (z ^ shifted(z, 27)) * signed(0x94D049BB133111EB)
    z = z ^ shifted(z, 31)
    return (shifted(z, 40).double() / (1 << 24)).reshape(dims)


def philox(seed, counter):
    """The four words of Philox4x32-10 of Salmon et al. (2011)."""
    c0, c1, c2, c3 = counter
    k0, k1 = seed & 0xFFFFFFFF, seed >> 32
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = ((p1 >> 32) ^ c1 ^ k0, p1 & 0xFFFFFFFF, (p0 >> 32) ^ c3 ^ k1,
                          p0 & 0xFFFFFFFF)
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return c0, c1, c2, c3


def uniform(seed, site, step, count):
    """What gradc's dropout draws: word i%4 of the block (i/4, step, site, 4)."""
    words = []
    for block in range((count + 3) // 4):
        words += philox(seed, (block, step, site, 4))
    return torch.tensor([(w >> 8) / (1 << 24) for w in words[:count]])


class Trainer:
    """A network and its recipe, as a description says."""

    def __init__(self, d):
        self.d = d
        self.params, self.states, self.made = [], [], {}
        self.step = self.sites = 0

    # Parameters are made when a layer is applied for the first time.

    def start(self, around, bound, *dims):
        """A parameter: around ± bound, rounded to float32."""
        u = numbers(100 + len(self.params), *dims)
        p = (around + bound * (2 * u - 1)).float().double().requires_grad_()
        self.params.append(p)
        return p

    def weight(self, key, *dims):
        if key not in self.made:
            bound = 2.0 ** math.floor(math.log2(math.sqrt(6 / math.prod(dims[1:]))))
            self.made[key] = self.start(0, bound, *dims)
        return self.made[key]

    def vector(self, key, around, size):
        if key not in self.made:
            self.made[key] = self.start(around, 0.125, size)
        return self.made[key]

    def state(self, key, value, size):
        if key not in self.made:
            self.made[key] = torch.full((size,), value)
            self.states.append(self.made[key])
        return self.made[key]

    # Layers.

    def layers(self, at, layers, x):
        for i, layer in enumerate(layers or []):
            x = self.layer(f"{at}.{i}", layer, x)
        return x

    def layer(self, at, l, x):
        kind, value = l["Kind"], l.get("Value", 0.0)
        body = lambda x: self.layers(at + ".body", l.get("Body"), x)
        other = lambda x: self.layers(at + ".other", l.get("Other"), x)
        simple = {
            "ReLU": F.relu, "Sigmoid": torch.sigmoid, "SELU": F.selu,
            "Softmax": lambda x: F.softmax(x, 1), "Flatten": lambda x: x.flatten(1),
            "GlobalAvgPool": lambda x: F.adaptive_avg_pool2d(x, 1),
            "GlobalMaxPool": lambda x: F.adaptive_max_pool2d(x, 1),
            "LeakyReLU": lambda x: F.leaky_relu(x, value), "Scale": lambda x: value * x,
            "Softplus": lambda x: F.softplus(x, value, l.get("Threshold", 0.0)),
            "Residual": lambda x: x + body(x), "Add": lambda x: body(x) + other(x),
            "Multiply": lambda x: body(x) * other(x), "Repeat": lambda x: body(body(x)),
            "Shared": lambda x: body(x) + body(other(x)),
        }
        if kind in simple:
            return simple[kind](x)
        return getattr(self, kind.lower())(at, l, x)

    def bias(self, at, l):
        return None if l.get("NoBias") else self.vector(at + "b", 0.0, l["Size"])

    def conv2d(self, at, l, x):
        w = self.weight(at + "w", l["Size"], x.shape[1], *l["Kernel"])
        return F.conv2d(x, w, self.bias(at, l), l.get("Stride", 1), l.get("Padding", 0),
                        l.get("Dilation", 1))

    def linear(self, at, l, x):
        return F.linear(x, self.weight(at + "w", l["Size"], x.shape[1]), self.bias(at, l))

    def batchnorm(self, at, l, x):
        size = x.shape[1]
        weight = bias = None
        if not l.get("NoAffine"):
            weight, bias = self.vector(at + "w", 1.0, size), self.vector(at + "b", 0.0, size)
        mean, var = self.state(at + "m", 0.0, size), self.state(at + "v", 1.0, size)
        return F.batch_norm(x, mean, var, weight, bias, True, l.get("Momentum", 0.1),
                            l.get("Eps", 1e-5))

    def maxpool(self, at, l, x):
        return F.max_pool2d(x, l["Kernel"], l.get("Stride"), l.get("Padding", 0))

    def avgpool(self, at, l, x):
        return F.avg_pool2d(x, l["Kernel"], l.get("Stride"), l.get("Padding", 0))

    def dropout(self, at, l, x):
        p = l.get("Value", 0.0)
        u = uniform(self.d["Seed"], self.sites, self.step, x.numel()).reshape(x.shape)
        self.sites += 1
        return torch.where(u < p, 0.0, x / (1 - p))

    # The recipe.

    def loss(self, logits, labels):
        l = self.d["Loss"]
        if l.get("Focal"):
            nll = F.cross_entropy(logits, labels, reduction="none")
            return (l["Alpha"] * (1 - torch.exp(-nll)) ** l["Gamma"] * nll).mean()
        return F.cross_entropy(logits / l.get("Temperature", 1.0), labels,
                               label_smoothing=l.get("Smoothing", 0.0))

    def optimizer(self):
        o = self.d["Optimizer"]
        decay = o.get("WeightDecay", 0.0)
        if o["Kind"] == "sgd":
            return torch.optim.SGD(self.params, o["Rate"], o.get("Momentum", 0.0), 0.0, decay,
                                   o.get("Nesterov", False))
        more = {"betas": tuple(o.get("Betas", (0.9, 0.999))), "eps": o.get("Eps", 1e-8)}
        if o["Kind"] == "adam":
            return torch.optim.Adam(self.params, o["Rate"], **more)
        return torch.optim.AdamW(self.params, o["Rate"], weight_decay=decay, **more)

    def factor(self, step):
        """That of the schedule, as float32's of the rate are rounded."""
        s = self.d["Schedule"]
        down = lambda a, b, at: b + (a - b) * (1 + math.cos(math.pi * at)) / 2
        kind, value, at = s.get("Kind", ""), s.get("Value", 0.0), step / STEPS
        if kind == "step":
            return value ** (step // s["Every"])
        if kind == "cosine":
            return down(1, value, at)
        if kind == "one_cycle":
            return down(1 / 25, 1, at / value) if at < value else down(
                1, 4e-6, (at - value) / (1 - value))
        return 1.0

    def forward(self, x):
        self.sites = 0
        return self.layers("net", self.d["Layers"], x)

    def run(self):
        d = self.d
        size, optimizer, lines = (d["Batch"], *d["Image"]), None, []
        for self.step in range(STEPS):
            x = 4 * numbers(2 * self.step, *size) - 2
            logits = self.forward(x)
            classes = logits.shape[1]
            labels = (numbers(2 * self.step + 1, d["Batch"]) * classes).long()
            loss = self.loss(logits, labels)
            optimizer = optimizer or self.optimizer()
            rate = torch.tensor(d["Optimizer"]["Rate"] * self.factor(self.step)).float().item()
            optimizer.param_groups[0]["lr"] = rate
            optimizer.zero_grad()
            loss.backward()
            lines.append(f"{self.step} loss {loss.item():.14g}")
            lines += self.tensors("gradient", [p.grad for p in self.params])
            optimizer.step()
            lines += self.tensors("param", self.params)
            lines += self.tensors("state", self.states)
        return lines

    def tensors(self, what, list):
        for i, t in enumerate(list):
            t = t.detach()
            product = ((numbers(1000, *t.shape) - 0.5) * t).sum().item()
            yield f"{self.step} {what} {i} {product:.14g} {t.norm().item():.14g}"


def main():
    for path in sorted(HERE.glob("*.json")):
        if sys.argv[1:] and path.stem not in sys.argv[1:]:
            continue
        lines = [f"// PyTorch {torch.__version__.split('+')[0]}, by make_vectors.py."]
        lines += Trainer(json.loads(path.read_text())).run()
        path.with_suffix(".txt").write_text("\n".join(lines) + "\n")
        print(path.stem, lines[1])


if __name__ == "__main__":
    main()
