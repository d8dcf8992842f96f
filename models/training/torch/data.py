"""Files, processes and windows of tokens for train.py."""
import json
import lzma
import os
import sys

import numpy as np
import torch
import torch.distributed as dist

HERE = os.path.dirname(os.path.abspath(__file__))
RANK, WORLD = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
FIRST_BYTES = [i << 5 for i in range(7)] + [i for i in range(256) if i % 32 or i > 192]


class Stop(Exception):
    """One line for the person who started this."""


DTYPES = {"F32": np.float32, "I32": np.int32, "U16": np.uint16, "U8": np.uint8}


def read_safetensors(name):
    """Arrays by name of a file of this folder."""
    data = np.memmap(os.path.join(HERE, name), dtype=np.uint8, mode="r")
    start = 8 + int(data[:8].view("<u8")[0])
    header = json.loads(bytes(data[8:start]))
    arrays = {}
    for key, entry in header.items():
        if key != "__metadata__":
            a, b = entry["data_offsets"]
            raw = np.array(data[start + a : start + b])
            arrays[key] = raw.view(DTYPES[entry["dtype"]]).reshape(entry["shape"])
    return arrays


def safetensors_bytes(arrays):
    names = {np.dtype(t): n for n, t in DTYPES.items()}
    header, end = {}, 0
    for name, a in arrays.items():
        offsets = [end, end + a.nbytes]
        header[name] = {"dtype": names[a.dtype], "shape": list(a.shape), "data_offsets": offsets}
        end += a.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + b"".join(a.tobytes() for a in arrays.values())


def write_whole(path, data):
    """Aside and renamed, so that nobody finds half of it."""
    with open(path + ".new", "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".new", path)


def barrier():
    if WORLD > 1:
        dist.barrier()


def agree(number, device, op="MIN"):
    """One number for all processes: the least or the largest of theirs."""
    if WORLD == 1:
        return number
    shared = torch.tensor(float(number), dtype=torch.float64, device=device)
    dist.all_reduce(shared, getattr(dist.ReduceOp, op))
    return shared.item()


def say(text):
    if RANK == 0:
        print(text, file=sys.stderr, flush=True)


def unpack(data):
    """Token ids [pos] of what an .xz file holds: pairs of symbols, ranks, and two bytes a symbol."""
    pairs, ranks = (int(x) for x in np.frombuffer(data, "<u4", 2))
    numbers = np.frombuffer(data, "<u2", 2 * pairs + ranks, 8)
    packed = np.frombuffer(data, np.uint8, offset=8 + 2 * len(numbers))
    upper = np.zeros(256, np.int32)
    upper[FIRST_BYTES] = np.arange(256)
    symbols = numbers[2 * pairs :][(upper[packed[0::2]] << 8) | packed[1::2]]
    return symbols, numbers[: 2 * pairs].reshape(-1, 2)


def expand(symbols, pairs, vocab, at_once=1 << 21):
    """Tokens that symbols stand for: `vocab + i` for the pair i of earlier symbols."""
    words = [np.array([token], np.uint16) for token in range(vocab)]
    for first, second in pairs.tolist():
        words.append(np.concatenate((words[first], words[second])))
    lengths = np.array([len(word) for word in words])
    starts = np.cumsum(lengths) - lengths
    text = np.concatenate(words)
    for at in range(0, len(symbols), at_once):
        part = symbols[at : at + at_once]
        length = lengths[part]
        ends = np.cumsum(length)
        yield text[np.arange(ends[-1]) + np.repeat(starts[part] - ends + length, length)]


def token_stream(entry, vocab, first):
    """Tokens [pos] of a packed stream, unpacked once and then mapped; `first` unpacks, others wait."""
    path = os.path.join(HERE, entry["file"] + ".tokens")
    size = 2 * entry["tokens"]
    if first and not (os.path.exists(path) and os.path.getsize(path) == size):
        try:
            with lzma.open(os.path.join(HERE, entry["file"])) as packed:
                data = packed.read()
        except (OSError, EOFError, lzma.LZMAError) as error:
            raise Stop(f"{entry['file']} cannot be unpacked ({error}); copy the folder again")
        with open(path + ".new", "wb") as file:
            for part in expand(*unpack(data), vocab):
                file.write(part.tobytes())
        if os.path.getsize(path + ".new") != size:
            raise Stop(f"{entry['file']} has not the tokens that run.json names; copy the folder again")
        os.replace(path + ".new", path)
    barrier()
    return np.memmap(path, dtype="<u2", mode="r")


def draws(seed, label, step, rows, count):
    """Uniform numbers [count][row] in [0, 1) of the generators that `models/random.ts` has for these labels."""
    prefix = 0x811C9DC5
    for char in f"{seed}\0{label}\0{step}\0":
        prefix = (prefix ^ ord(char)) * 0x01000193 & 0xFFFFFFFF
    hashes = []
    for row in rows:
        value = prefix
        for char in str(row):
            value = (value ^ ord(char)) * 0x01000193 & 0xFFFFFFFF
        hashes.append(value)
    a = np.array(hashes, np.uint32)
    b, c, d = a ^ np.uint32(0x9E3779B9), a * np.uint32(0x85EBCA6B), np.ones_like(a)
    out = []
    for _ in range(20 + count):
        total = a + b + d
        d = d + np.uint32(1)
        a, b = b ^ (b >> np.uint32(9)), c + (c << np.uint32(3))
        c = ((c << np.uint32(21)) | (c >> np.uint32(11))) + total
        out.append(total / 4294967296.0)
    return out[20:]


class Windows:
    """Windows of tokens as a function of seed and step."""

    def __init__(self, run, device):
        config = run["config"]
        self.seed, self.share = config["seed"], config["idiomShare"]
        self.context, self.device = config["model"]["context"], device
        first = int(os.environ.get("LOCAL_RANK", 0)) == 0
        vocab = config["model"]["vocab"]
        streams = {n: token_stream(entry, vocab, first) for n, entry in run["streams"].items()}
        self.ordinary, self.generated = streams["ordinary"], streams.get("generated")
        self.places = 2 * config["model"]["layers"] if "bridge" in config else 0

    def batch(self, step, first, count):
        """What the model takes: tokens and targets, int32 [window, pos], and for bridges the places
        [window, place] where the windows' hybrid passes change model."""
        kind, place = draws(self.seed, "train", step, range(first, first + count), 2)
        rows = np.empty((count, self.context + 1), np.int32)
        for row in range(count):
            stream = self.generated if kind[row] < self.share else self.ordinary
            start = int(place[row] * (len(stream) - self.context))
            rows[row] = stream[start : start + self.context + 1]
        if not self.places:
            return to_device(rows, self.device)
        starts = [draws(self.seed, way, "train", [step], 1)[0][0] for way in ("to.sparse", "to.dense")]
        places = np.array([int(start * self.places) + first for start in starts])
        return self.with_places(rows, (places + np.arange(count)[:, None]) % self.places)

    def with_places(self, rows, places):
        """Windows, and where they change model: places [window, way] in a model of bridges."""
        if not self.places:
            return to_device(rows, self.device)
        ways = np.eye(self.places, dtype=np.float32)[places]  # [window, way, place]
        chosen = moved(torch.from_numpy(ways), self.device)
        return (*to_device(rows, self.device), chosen[:, 0], chosen[:, 1])


def to_device(rows, device):
    """Tokens and the token after each, of windows one longer."""
    rows = moved(torch.from_numpy(rows), device)
    return rows[:, :-1].contiguous(), rows[:, 1:].contiguous()


def moved(tensor, device):
    """On the device, without a wait for it."""
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor
