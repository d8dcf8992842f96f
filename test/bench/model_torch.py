"""A bundle's transformer in PyTorch, as people write it: modules, and a forward hook where something is read or changed.

Reads a JSON line with the configuration and the folder of the weights from standard input, answers
{}, and then answers every line with a line; see torch.ts.
"""
import json
import os
import sys
import time

import torch
import torch.nn.functional as F

config = json.loads(sys.stdin.readline())
torch.set_num_threads(config["threads"])
torch.set_grad_enabled(False)
HEADS, D_HEAD, D_MODEL = config["heads"], config["dHead"], config["dModel"]
EPSILON, RECENCY_SPAN = 1e-5, 16


def load(name):
    with open(os.path.join(config["dir"], name), "rb") as file:
        numbers = torch.frombuffer(bytearray(file.read()), dtype=torch.float32)
    return numbers.view(config["shapes"][name])


weights = {name: load(name) for name in config["shapes"]}


class Site(torch.nn.Module):
    """AbsTopK; its output is what hooks read and change."""

    def __init__(self, site):
        super().__init__()
        self.kept = config["kept"].get(site)

    def forward(self, x):
        if self.kept is None or self.kept >= x.shape[-1]:
            return x
        magnitude = x.abs()
        threshold = magnitude.topk(self.kept, dim=-1, sorted=False).values.amin(-1, keepdim=True)
        return torch.where(magnitude >= threshold, x, torch.zeros(()))


SITES = [
    "attn.act_in", "attn.q", "attn.k", "attn.v", "attn.resid_delta",
    "mlp.act_in", "mlp.post_act", "mlp.resid_delta",
]
# A number of each head, at every query the same until a hook changes it.
SITES += [site for site, on in [("attn.sink", config["sinks"]), ("attn.recency", config.get("recency"))] if on]
sites = {f"{layer}.{site}": Site(site) for layer in range(config["layers"]) for site in SITES}


def norm(name, x):
    if config["norm"] == "none":
        return x
    mean_square = x.pow(2).sum(-1, keepdim=True) / D_MODEL
    return x * torch.rsqrt(mean_square + EPSILON) * weights[f"{name}.norm.gain"]


def linear(name, x):
    product = x @ weights[f"{name}.weight"]
    return product + weights[f"{name}.bias"] if config["biases"] else product


def read(layer, part, residual):
    x = norm(f"layers.{layer}.{part}", residual)
    if config["positions"] > 0:
        rows = weights["positions.weight"][: x.shape[1]]
        x = torch.cat([x, rows.expand(x.shape[0], -1, -1)], -1)
    return sites[f"{layer}.{part}.act_in"](x)


def attention(layer, residual):
    name = f"layers.{layer}.attn"
    x = read(layer, "attn", residual)
    batch, length = x.shape[:2]

    def part(which):
        y = sites[f"{layer}.attn.{which}"](linear(f"{name}.{which}", x))
        return y.view(batch, length, HEADS, D_HEAD).transpose(1, 2)

    q, k, v = part("q") * D_HEAD**-0.5, part("k"), part("v")
    def per_head(which):
        numbers = weights[f"{name}.{which}"].expand(batch, length, HEADS)
        return sites[f"{layer}.attn.{which}"](numbers).transpose(1, 2).unsqueeze(-1)

    scores = q @ k.transpose(-1, -2)
    if config.get("recency"):
        place = torch.arange(length) / RECENCY_SPAN
        slope = per_head("recency")
        scores = scores + slope * (place.view(1, 1, 1, -1) - place.view(1, 1, -1, 1))
    future = torch.triu(torch.ones(length, length, dtype=torch.bool), 1)
    scores = scores.masked_fill(future, float("-inf"))
    if config["sinks"]:
        shares = torch.cat([per_head("sink"), scores], -1).softmax(-1)[..., 1:]
    else:
        shares = scores.softmax(-1)
    joined = (shares @ v).transpose(1, 2).reshape(batch, length, HEADS * D_HEAD)
    return sites[f"{layer}.attn.resid_delta"](linear(f"{name}.out", joined))


def mlp(layer, residual):
    name = f"layers.{layer}.mlp"
    hidden = linear(f"{name}.in", read(layer, "mlp", residual))
    active = F.gelu(hidden) if config["activation"] == "gelu" else F.relu(hidden)
    post = sites[f"{layer}.mlp.post_act"](active)
    return sites[f"{layer}.mlp.resid_delta"](linear(f"{name}.out", post))


def predict(tokens):
    """Log-probabilities of the token after the last one."""
    x = weights["embed.weight"][tokens].unsqueeze(0)
    for layer in range(config["layers"]):
        x = x + attention(layer, x)
        x = x + mlp(layer, x)
    unembed = weights["embed.weight"].T if config["tiedEmbeddings"] else weights["unembed.weight"]
    logits = norm("final", x[0, -1]) @ unembed
    if config["bigram"] != "none":
        logits = logits + weights["bigram.table"][tokens[-1]]
    return logits.log_softmax(-1)


def trace(tokens):
    kept = {}

    def keeper(name):
        def hook(module, inputs, output):
            kept[name] = output

        return hook

    handles = [site.register_forward_hook(keeper(name)) for name, site in sites.items()]
    predict(tokens)
    for handle in handles:
        handle.remove()
    return kept


def ablated(tokens, site, index, value, positions):
    def hook(module, inputs, output):
        output = output.clone()
        if positions == "here":
            output[:, -1, index] = value
        else:
            output[:, :, index] = value
        return output

    handle = sites[site].register_forward_hook(hook)
    result = predict(tokens)
    handle.remove()
    return result


def answer(question):
    tokens = torch.tensor(question["tokens"])
    start = time.perf_counter()
    if question["do"] == "predict":
        result = {"logprobs": predict(tokens).tolist()}
    elif question["do"] == "trace":
        trace(tokens)
        result = {}
    else:
        result = {
            "logprobs": [
                ablated(tokens, a["site"], a["index"], a["value"], question["positions"])[
                    question["target"]
                ].item()
                for a in question["ablations"]
            ]
        }
    result["milliseconds"] = 1000 * (time.perf_counter() - start)
    return result


print("{}", flush=True)
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
