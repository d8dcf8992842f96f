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
        "n1": vector(D, 1.0), "n2": vector(D, 1.0), "sink": vector(H),
        "q": matrix(D, H * DH), "k": matrix(D, H * DH), "v": matrix(D, H * DH),
        "o": matrix(H * DH, D), "i": matrix(D, M), "p": matrix(M, D),
        "bq": vector(H * DH), "bk": vector(H * DH), "bv": vector(H * DH),
        "bo": vector(D), "bi": vector(M), "bp": vector(D),
    }
    for _ in range(L)
]
sparse = [embed, unembed] + [p for l in layers for n, p in l.items() if n not in ("n1", "n2", "sink")]
parameters = sparse + [final] + [l[n] for l in layers for n in ("n1", "n2", "sink")]
optimizer = torch.optim.AdamW(parameters, lr=1e-3, betas=(0.9, 0.95), weight_decay=0.1)
future = torch.triu(torch.ones(T, T, dtype=torch.bool), 1)


def keep_largest(x, fraction):
    if fraction >= 1:
        return x
    k = max(1, round(fraction * x.shape[-1]))
    magnitude = x.abs()
    threshold = magnitude.topk(k, dim=-1, sorted=False).values.amin(-1, keepdim=True)
    return x * (magnitude >= threshold)


def site(x):
    return keep_largest(x, sizes["fraction"])


def norm(x, gain):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * gain


def attention(x, l):
    x = site(norm(x, l["n1"]))

    def part(w, b):
        return site(x @ l[w] + l[b]).view(B, T, H, DH).transpose(1, 2)

    q, k, v = part("q", "bq"), part("k", "bk"), part("v", "bv")
    scores = (q * DH**-0.5 @ k.transpose(-1, -2)).masked_fill(future, -1e9)
    sink = l["sink"].view(1, H, 1, 1).expand(B, H, T, 1)
    weights = torch.cat([sink, scores], -1).softmax(-1)[..., 1:]
    mixed = (weights @ v).transpose(1, 2).reshape(B, T, H * DH)
    return site(mixed @ l["o"] + l["bo"])


def mlp(x, l):
    hidden = site(F.gelu(site(norm(x, l["n2"])) @ l["i"] + l["bi"]))
    return site(hidden @ l["p"] + l["bp"])


def project(p):
    flat = p.view(-1)
    keep = max(1, int(sizes["l0"] * flat.numel()))
    if keep < flat.numel():
        magnitude = flat.abs()
        threshold = magnitude.kthvalue(flat.numel() - keep + 1).values
        flat.mul_(magnitude >= threshold)


def step():
    tokens = torch.randint(V, (B, T + 1))
    x = embed[tokens[:, :-1]]
    for l in layers:
        x = x + attention(x, l)
        x = x + mlp(x, l)
    logits = norm(x, final) @ unembed + bigram[tokens[:, :-1]]
    loss = F.cross_entropy(logits.view(-1, V), tokens[:, 1:].reshape(-1))
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    with torch.no_grad():
        for p in sparse:
            project(p)


print("{}", flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    step()
    print(1000 * (time.perf_counter() - start), flush=True)
