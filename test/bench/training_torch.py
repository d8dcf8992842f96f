"""One training step of the same transformer in PyTorch, as the yardstick of training.ts.

Reads a JSON line with the sizes from standard input, answers {}, and then does one step for
every line it reads, answering with its milliseconds.
"""
import json
import math
import sys
import time

import torch
import torch.nn.functional as F

sizes = json.loads(sys.stdin.readline())
torch.set_num_threads(sizes["threads"])
torch.manual_seed(1)
L, D, H, V, T, B = (sizes[k] for k in ("layers", "dModel", "heads", "vocab", "context", "batch"))
DH, M = sizes["dHead"], sizes["dMlp"]


def matrix(rows, columns):
    return torch.nn.Parameter(torch.randn(rows, columns) / math.sqrt(rows))


def vector(length, value=0.0):
    return torch.nn.Parameter(torch.full((length,), value))


embed, unembed, final = matrix(V, D), matrix(D, V), vector(D, 1.0)
bigram = torch.randn(V, V)
layers = [
    {
        "n1": vector(D, 1.0), "n2": vector(D, 1.0), "sink": vector(H), "recency": vector(H, 0.5),
        "q": matrix(D, H * DH), "k": matrix(D, H * DH), "v": matrix(D, H * DH),
        "o": matrix(H * DH, D), "i": matrix(D, M), "p": matrix(M, D),
        "bq": vector(H * DH), "bk": vector(H * DH), "bv": vector(H * DH),
        "bo": vector(D), "bi": vector(M), "bp": vector(D),
    }
    for _ in range(L)
]
VECTORS, INNER = ("n1", "n2", "sink", "recency"), ("q", "k", "v", "o", "i", "p")
sparse = [embed, unembed] + [p for l in layers for n, p in l.items() if n not in VECTORS]
inner = [l[n] for l in layers for n in INNER] if sizes["matrices"] == "muon" else []
parameters = sparse + [final] + [l[n] for l in layers for n in VECTORS]
chosen = {id(p) for p in inner}
others = [p for p in parameters if id(p) not in chosen]
RATE, DECAY, MOMENTUM = 1e-3, 0.1, 0.95
optimizer = torch.optim.AdamW(others, lr=RATE, betas=(0.9, 0.95), weight_decay=DECAY)
momenta = [torch.zeros_like(p) for p in inner]
place = torch.arange(T) / 16
future = torch.triu(torch.ones(T, T, dtype=torch.bool), 1)


def keep_largest(x, fraction):
    if fraction >= 1:
        return x
    k = max(1, round(fraction * x.shape[-1]))
    magnitude = x.abs()
    threshold = magnitude.topk(k, dim=-1, sorted=False).values.amin(-1, keepdim=True)
    return x * (magnitude >= threshold)


def site(x, name):
    return keep_largest(x, sizes["activationFraction"][name])


def norm(x, gain):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * gain


def attention(x, l):
    x = site(norm(x, l["n1"]), "attn.act_in")

    def part(w, b):
        return site(x @ l[w] + l[b], "attn." + w).view(B, T, H, DH).transpose(1, 2)

    q, k, v = part("q", "bq"), part("k", "bk"), part("v", "bv")
    scores = q * DH**-0.5 @ k.transpose(-1, -2)
    if sizes["recency"]:
        scores = scores + l["recency"].view(1, H, 1, 1) * (place.view(1, -1) - place.view(-1, 1))
    scores = scores.masked_fill(future, -1e9)
    sink = l["sink"].view(1, H, 1, 1).expand(B, H, T, 1)
    weights = torch.cat([sink, scores], -1).softmax(-1)[..., 1:]
    mixed = (weights @ v).transpose(1, 2).reshape(B, T, H * DH)
    return site(mixed @ l["o"] + l["bo"], "attn.resid_delta")


def mlp(x, l):
    read = site(norm(x, l["n2"]), "mlp.act_in")
    hidden = site(F.gelu(read @ l["i"] + l["bi"]), "mlp.post_act")
    return site(hidden @ l["p"] + l["bp"], "mlp.resid_delta")


def project(p):
    flat = p.view(-1)
    keep = max(1, int(sizes["l0"] * flat.numel()))
    if keep < flat.numel():
        magnitude = flat.abs()
        threshold = magnitude.kthvalue(flat.numel() - keep + 1).values
        flat.mul_(magnitude >= threshold)


def orthogonal(x):
    """Newton-Schulz iteration towards the nearest orthogonal matrix."""
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    x = x / (x.norm() + 1e-10)
    for _ in range(5):
        gram = x @ x.T
        x = 3.4445 * x + (-4.775 * gram + 2.0315 * gram @ gram) @ x
    return x.T if tall else x


def muon(p, momentum):
    momentum.lerp_(p.grad, 1 - MOMENTUM)
    direction = orthogonal(p.grad.lerp(momentum, MOMENTUM))
    p.mul_(1 - RATE * DECAY).add_(direction, alpha=-RATE * 0.2 * max(p.shape) ** 0.5)


def step():
    tokens = torch.randint(V, (B, T + 1))
    x = embed[tokens[:, :-1]]
    for l in layers:
        x = x + attention(x, l)
        x = x + mlp(x, l)
    logits = norm(x, final) @ unembed + bigram[tokens[:, :-1]]
    loss = F.cross_entropy(logits.view(-1, V), tokens[:, 1:].reshape(-1))
    for p in parameters:
        p.grad = None
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    with torch.no_grad():
        for p, momentum in zip(inner, momenta):
            muon(p, momentum)
        for p in sparse:
            project(p)


print("{}", flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    step()
    print(1000 * (time.perf_counter() - start), flush=True)
