#!/usr/bin/env python3
"""Speed of one training step in PyTorch, on the networks of examples/ and random data in memory.

Prints one JSON line: images_per_second and ms_per_step are of the median step, peak_rss_bytes is
the most memory that the process had. An error is one line.
"""
import argparse
import json
import resource
import statistics
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F


def conv_block(inputs, outputs, padding, activation):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=padding, bias=False),
                         nn.BatchNorm2d(outputs), activation())


class Residual(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.body = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.body(x)


def leaky():
    return nn.LeakyReLU(0.01)


def mnist_cnn():
    return nn.Sequential(
        conv_block(1, 32, 0, leaky), conv_block(32, 64, 0, leaky), conv_block(64, 128, 0, leaky),
        nn.Flatten(), nn.Linear(128 * 22 * 22, 128), leaky(), nn.Dropout(0.3), nn.Linear(128, 10))


def cifar_cnn():
    return nn.Sequential(
        nn.Conv2d(3, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(64, 128, 3, padding=1), nn.ReLU(),
        nn.Flatten(), nn.Linear(128 * 8 * 8, 512), nn.ReLU(), nn.Linear(512, 10))


def cifar_net():
    return nn.Sequential(
        conv_block(3, 128, 1, nn.ReLU), nn.MaxPool2d(2),
        conv_block(128, 256, 1, nn.ReLU), nn.MaxPool2d(2),
        conv_block(256, 512, 1, nn.ReLU), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(512, 256), nn.BatchNorm1d(256), nn.ReLU(), nn.Dropout(0.3), nn.Linear(256, 10))


def cifar_resnet():
    def block(inputs, outputs):
        return conv_block(inputs, outputs, 1, leaky)
    return nn.Sequential(
        block(3, 64), block(64, 128), nn.MaxPool2d(2), Residual(block(128, 128), block(128, 128)),
        block(128, 256), nn.MaxPool2d(2), block(256, 512), nn.MaxPool2d(2),
        Residual(block(512, 512), block(512, 512)),
        nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Dropout(0.5), nn.Linear(512, 10))


# The optimizers of the recipes, each of them as one loop over the parameters.
def adam(params):
    return torch.optim.Adam(params, lr=1e-4, fused=True)


def adamw(params):
    return torch.optim.AdamW(params, lr=2e-3, weight_decay=0.05, fused=True)


def sgd(params):
    return torch.optim.SGD(params, lr=0.05, momentum=0.9, weight_decay=5e-4, fused=True)


def nesterov(params):
    return torch.optim.SGD(params, lr=0.2, momentum=0.9, weight_decay=5e-4, nesterov=True,
                           fused=True)


# Network, optimizer, image, batch size.
NETS = {
    "mnist-cnn": (mnist_cnn, adam, (1, 28, 28), 128),
    "cifar-cnn": (cifar_cnn, sgd, (3, 32, 32), 256),
    "cifar-net": (cifar_net, adamw, (3, 32, 32), 256),
    "cifar-resnet": (cifar_resnet, nesterov, (3, 32, 32), 256),
}


def peak_rss():
    """Bytes; macOS counts them, others kilobytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("net", choices=NETS)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--steps", type=int, default=5)
    p.add_argument("--channels-last", action="store_true")
    p.add_argument("--compile", action="store_true")
    args = p.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(args.threads)
    make, optimize, image, batch = NETS[args.net]
    net, x, labels = make(), torch.randn(batch, *image), torch.randint(0, 10, (batch,))
    if args.channels_last:
        net = net.to(memory_format=torch.channels_last)
        x = x.to(memory_format=torch.channels_last)
    optimizer = optimize(net.parameters())
    model = torch.compile(net) if args.compile else net

    def step():
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(model(x), labels).backward()
        optimizer.step()

    try:
        for _ in range(2):
            step()
    except Exception as e:  # torch.compile, for instance, wants a C++ compiler
        sys.exit(f"{type(e).__name__}: " + " ".join(str(e).split("\n")[:2]))
    times = []
    for _ in range(args.steps):
        begin = time.perf_counter()
        step()
        times.append(time.perf_counter() - begin)
    seconds = statistics.median(times)
    print(json.dumps({"torch": torch.__version__, "net": args.net, "batch": batch,
                      "images_per_second": batch / seconds, "ms_per_step": seconds * 1e3,
                      "peak_rss_bytes": peak_rss()}))


if __name__ == "__main__":
    main()
