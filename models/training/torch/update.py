"""The trained numbers and how a step changes them, for train.py: AdamW, Muon, exact projection."""
import math

import numpy as np
import torch

from data import draws, read_safetensors


class Weights:
    """All trained numbers in one flat array, those of equal shape side by side, and their state.

    What AdamW updates comes first, without and with decay, then what Muon updates, by shape.
    """

    def __init__(self, run, device):
        config = run["config"]
        self.muon = config["optimizer"]["matrices"] == "muon"
        trained = [p for p in run["parameters"] if p["trained"]]
        groups = {}
        for p in trained:
            muon = self.muon and p["channelAxis"] is not None
            key = (muon, p["decay"], p["sparse"], str(p["channelAxis"]), tuple(p["shape"]))
            groups.setdefault(key, []).append(p)
        self.groups, self.slots, at = [], {}, 0
        self.decay_from = self.muon_from = 0
        for key in sorted(groups):
            muon, decay, sparse, _, shape = key
            size, start = math.prod(shape), at
            for p in groups[key]:
                self.slots[p["name"]] = (at, at + size, shape)
                at += size
            axis = groups[key][0]["channelAxis"]
            self.groups.append((start, at, (len(groups[key]), *shape), axis, sparse, muon, decay))
            if not muon:
                self.muon_from = at
                self.decay_from = self.decay_from if decay else at
        self.total = at
        zeros = lambda n: torch.zeros(n, device=device)
        self.flat, self.grad, self.first = zeros(at), zeros(at), zeros(at)
        self.second = zeros(self.muon_from)
        self.fill(run, trained, device)
        self.named = {}
        for name, (a, b, shape) in self.slots.items():
            self.named[name] = torch.nn.Parameter(self.flat[a:b].view(shape))
            self.named[name].grad = self.grad[a:b].view(shape)
        for name, table in self.fixed.items():
            self.named[name] = table.to(device)

    def fill(self, run, trained, device):
        """Drawn anew, but for what an earlier model gives."""
        given = read_safetensors("start.safetensors")
        self.fixed = {}
        for p in run["parameters"]:
            if not p["trained"]:
                data = given[p["name"]].reshape(p["shape"])
                if data.dtype == np.uint8:  # A bigram table, in steps of 1/16 nat.
                    data = data.astype(np.float32) / -16
                self.fixed[p["name"]] = torch.from_numpy(data)
        for index, p in enumerate(trained):
            generator = torch.Generator().manual_seed(1000 * run["config"]["seed"] + index)
            name, shape = p["name"], tuple(p["shape"])
            if p["std"] > 0:
                data = p["std"] * torch.randn(shape, generator=generator)
            else:
                data = torch.zeros(shape) + torch.tensor(p["initial"], dtype=torch.float32)
            if p["given"] is not None:
                rows, columns = p["given"]
                data.view(-1, shape[-1])[:rows, :columns] = 0
                if name in given:
                    data = torch.from_numpy(given[name])
                else:
                    indices = torch.from_numpy(given[f"{name}.indices"]).long()
                    data.view(-1)[indices] = torch.from_numpy(given[f"{name}.values"])
            a, b, _ = self.slots[name]
            self.flat[a:b] = data.reshape(-1).to(device)

    def results(self):
        """Trained arrays as a bundle has them: mostly zero ones as indices and values."""
        flat, arrays = self.flat.cpu().numpy(), {}
        for name, (a, b, shape) in self.slots.items():
            data = flat[a:b]
            indices = np.flatnonzero(data)
            if 2 * len(indices) > len(data):
                arrays[name] = data.reshape(shape)
            else:
                arrays[f"{name}.indices"] = indices.astype(np.int32)
                arrays[f"{name}.values"] = data[indices]
        return arrays


def orthogonal(x, number):
    """Matrices [n, rows, columns] with singular values near 1: five Newton-Schulz steps (Muon), with
    products in the type `number`; few digits do, since a step only turns the matrices on."""
    tall = x.shape[1] > x.shape[2]
    x = x.transpose(1, 2) if tall else x
    x = (x / (x.square().sum((1, 2), keepdim=True) + 1e-20).sqrt()).to(number)
    for _ in range(5):
        gram = x @ x.transpose(1, 2)
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=-4.775, alpha=2.0315), x, beta=3.4445)
    return x.transpose(1, 2) if tall else x


def threshold(bits, left):
    """The left-th largest number of every row of bits [n, size], for left [n] of at least 1."""
    if not bits.is_cuda:
        size = bits.shape[1]
        at = (size - left.clamp(min=1) + 1).tolist()
        return torch.stack([row.kthvalue(k).values for row, k in zip(bits, at)])
    return threshold_by_bits(bits, left)


def threshold_by_bits(bits, left):
    """The same without a wait for the processor, bit by bit."""
    found = torch.zeros_like(bits[:, 0])
    for bit in range(30, -1, -1):
        trial = found + (1 << bit)
        enough = (bits >= trial[:, None]).sum(1) >= left
        found = torch.where(enough, trial, found)
    return found


def project(x, keep, axis, least):
    """Zeroes all but the `keep` largest magnitudes of each array of x [n, ...], exactly.

    The `least` largest of every channel, the slices of `axis` of a matrix, are kept before all
    others; among equals the earlier are kept first.
    """
    n, size = x.shape[0], x[0].numel()
    if keep >= size:
        return
    # Magnitudes order as their bits do.
    bits = x.reshape(n, size).view(torch.int32) & 0x7FFFFFFF
    protected = torch.zeros_like(bits, dtype=torch.bool)
    if axis is not None and least > 0:
        magnitude, along = bits.view(x.shape), 2 - axis
        if least < x.shape[along]:
            lowest = magnitude.topk(least, along, sorted=False).values.amin(along, keepdim=True)
        else:
            lowest = torch.zeros_like(magnitude.narrow(along, 0, 1))
        protected = ((magnitude > 0) & (magnitude >= lowest)).view(n, size)
    free = bits.masked_fill(protected, -1)
    left = keep - protected.sum(1)
    level = threshold(free, left)[:, None]
    kept = free >= level
    # A card is not asked whether there are ties, which would be to wait for it.
    if x.is_cuda or (kept.sum(1) != left).any():
        equal = free == level
        ties = left[:, None] - (free > level).sum(1, keepdim=True)
        kept = (free > level) | (equal & (equal.cumsum(1, dtype=torch.int32) <= ties))
        kept = kept & (left > 0)[:, None]
    x.view(n, size).masked_fill_(~(kept | protected), 0)


class Revival:
    """Watches which neurons are active between two looks, and begins the others anew: they read what
    a busy neuron of their layer reads, each weight a little changed, and write nothing at first."""

    def __init__(self, weights, config, active=None):
        self.weights, self.config = weights, config
        layers, neurons = config["model"]["layers"], config["model"]["dMlp"]
        self.active = torch.zeros(layers, neurons, dtype=torch.bool, device=weights.flat.device)
        if active is not None:
            self.active.copy_(active)

    def part(self, flat, layer, name):
        slot = self.weights.slots.get(f"layers.{layer}.mlp.{name}")
        return None if slot is None else flat[slot[0] : slot[1]].view(slot[2])

    def watch(self):
        """What a neuron writes has a gradient just where it is not zero."""
        for layer in range(len(self.active)):
            self.active[layer] |= (self.part(self.weights.grad, layer, "out.weight") != 0).any(1)

    def revive(self, step):
        """Begins all anew that were not active since the last look; how many there were."""
        w, revived = self.weights, 0
        moments = [w.first, w.second]
        for layer in range(len(self.active)):
            writes = self.part(w.flat, layer, "out.weight")
            reads, bias = (self.part(w.flat, layer, f"in.{x}") for x in ("weight", "bias"))
            active = self.active[layer].cpu().numpy()
            sizes = writes.double().square().sum(1).cpu().numpy()
            dead = np.flatnonzero(~active)
            busy = sorted(np.flatnonzero(active), key=lambda n: (-sizes[n], n))
            if not len(dead) or not busy:
                continue
            sources = [int(busy[i % len(busy)]) for i in range(len(dead))]
            rows = [layer * len(active) + int(n) for n in dead]
            changes = np.stack(draws(self.config["seed"], "revive", step, rows, len(reads)))
            changes = torch.from_numpy(0.5 + changes).to(reads)  # [read, dead]
            dead = torch.from_numpy(dead).to(reads.device)
            reads[:, dead] = reads[:, sources] * changes
            writes[dead] = 0
            if bias is not None:
                bias[dead] = bias[sources]
            for flat in moments:
                for name in ("in.weight", "in.bias", "out.weight"):
                    slot = w.slots.get(f"layers.{layer}.mlp.{name}")
                    if slot is None or slot[1] > len(flat):
                        continue
                    part = flat[slot[0] : slot[1]].view(slot[2])
                    part.index_fill_(0 if name == "out.weight" else part.dim() - 1, dead, 0)
            revived += len(dead)
        self.active.zero_()
        return revived


def update(weights, config, rate, l0, count, number=torch.float32):
    """AdamW, Muon and the projection, on gradients that are already summed; no wait for the card.
    Muon's products are in the type `number`."""
    o = config["optimizer"]
    grad, flat, first = weights.grad, weights.flat, weights.first
    rms = (grad.square().sum() / weights.total).sqrt()
    grad.mul_((o["clipRms"] / rms).clamp(max=1))
    b1, b2, end = o["beta1"], o["beta2"], weights.muon_from
    first[:end].mul_(b1).add_(grad[:end], alpha=1 - b1)
    weights.second.mul_(b2).addcmul_(grad[:end], grad[:end], value=1 - b2)
    divisor = (weights.second.sqrt() / math.sqrt(1 - b2**count)).add_(o["epsilon"])
    flat[weights.decay_from : end].mul_(1 - rate * o["weightDecay"])
    flat[:end].addcdiv_(first[:end], divisor, value=-rate / (1 - b1**count))
    for start, stop, shape, _, _, muon, decay in weights.groups:
        if muon:
            x = flat[start:stop].view(shape)
            g, m, momentum = grad[start:stop], first[start:stop], o["momentum"]
            m.mul_(momentum).add_(g, alpha=1 - momentum)
            look = (m * momentum).add_(g, alpha=1 - momentum)
            x.mul_(1 - rate * o["weightDecay"] * decay)
            x.add_(orthogonal(look.view(shape), number), alpha=-rate * 0.2 * math.sqrt(max(shape[1:])))
    project_all(weights, config, l0)
    return rms


def project_all(weights, config, l0):
    """Keeps the share l0 of every sparse array."""
    least = config["sparsity"]["minPerChannel"]
    for start, stop, shape, axis, sparse, *_ in weights.groups:
        if sparse:
            keep = max(1, math.floor(l0 * math.prod(shape[1:]) + 1e-6))
            project(weights.flat[start:stop].view(shape), keep, axis, least)
