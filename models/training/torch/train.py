"""Trains the model of this folder on one graphics card, on many, or on a processor.

    python3 train.py --minutes 8
    torchrun --nproc_per_node 8 train.py --batch 1024

run.json has the settings, model.py the model. What comes out stands in result/, at most eight files
of at most 16 MiB: `circuitscope train --finish FOLDER` makes a bundle of it. Needs PyTorch alone.
"""
import argparse
import contextlib
import ctypes
import gc
import json
import math
import os
import signal
import sys
import time

STARTED = time.time()
try:
    import numpy as np
    import torch
    import torch.distributed as dist
except ModuleNotFoundError as error:
    sys.exit(f"train.py needs PyTorch and NumPy: {error}")

import model as emitted
from data import HERE, RANK, WORLD, Stop, Windows, agree, barrier, read_safetensors
from data import safetensors_bytes, say, write_whole
from update import Revival, Weights, project_all, update

FORMAT, CHECKPOINT_FORMAT = 1, 2
PART_BYTES, MOST_PARTS = 15 << 20, 6
MOST_LINES = 20_000  # of metrics
CHECKPOINT_SECONDS = 120
FLUSH_SECONDS = 2  # between looks at what the card has done
WARM_STEPS, MEASURED_STEPS, SMOKE_STEPS = 4, 12, 24
LEAST_STEPS = 16  # over which all that is left of annealing and decay may go
EVALUATIONS = 12  # of a run whose length follows from its time


class Schedule:
    """How far the run is, from 0 to 1, after every step; the end can be moved without a jump."""

    def __init__(self, config, state=None):
        self.config = config
        self.step0, self.done0, self.steps = state or (0, 0.0, config["steps"])

    def done(self, step):
        """Part of the run that is done after `step` steps."""
        if step >= self.steps:
            return 1.0
        part = (step - self.step0) / (self.steps - self.step0)
        return self.done0 + (1 - self.done0) * part

    def end_at(self, step, steps):
        self.step0, self.done0, self.steps = step, self.done(step), max(steps, step + 1)

    def l0(self, step):
        s = self.config["sparsity"]
        until = s["annealUntil"]
        part = 1.0 if until == 0 else min(1.0, self.done(step + 1) / until)
        rest = (1 - part) ** s.get("annealPower", 1)
        return rest * s.get("annealFrom", 1) + (1 - rest) * s["l0"]

    def rate(self, step):
        o = self.config["optimizer"]
        rise = 1.0 if o["warmup"] == 0 else min(1.0, self.done(step + 1) / o["warmup"])
        return o["learningRate"] * rise * (1 - self.done(step)) / math.sqrt(self.l0(step))


class Trainer:
    def __init__(self, run, args):
        self.run_settings, self.args, self.config = run, args, run["config"]
        self.device = choose_device(args)
        self.short = agree(short_products(args.precision, self.device), self.device) > 0
        self.weights = Weights(run, self.device)
        self.plain = emitted.Model(self.weights.named)
        self.model = self.compiled() if self.device.type == "cuda" and not args.no_compile else self.plain
        self.schedule = Schedule(self.config)
        self.revival = Revival(self.weights, self.config) if "revive" in self.config else None
        self.step, self.tokens, self.seconds_before = 0, 0, 0.0
        self.batch = args.batch or self.config["batch"]
        self.windows = Windows(run, self.device)
        self.held_out = read_safetensors("windows.safetensors")
        counts = self.config["bridge"]["weights"] if "bridge" in self.config else {"crossEntropy": 1}
        self.term_weights = torch.tensor([float(counts[term]) for term in emitted.TERMS])
        self.term_weights = self.term_weights.to(self.device)
        self.asked_to_stop = self.stopping = False
        self.revived = {}
        self.step_seconds, self.evaluation_seconds = 0.0, 0.0
        self.evaluate_every = self.config["evalEvery"]
        if self.batch % WORLD:
            raise Stop(f"--batch {self.batch} is not a multiple of {WORLD} processes")
        if args.resume:
            self.load()
        elif os.path.exists(args.checkpoint) and not args.smoke:
            raise Stop(f"{args.checkpoint} holds a run; add --resume to continue it or remove it")

    def compiled(self):
        """The model with its functions compiled: one layer, since all are alike."""
        if not hasattr(torch, "compile"):
            return self.plain
        model = emitted.Model(self.weights.named)
        for name in emitted.COMPILED:
            setattr(model, name, torch.compile(getattr(emitted, name), dynamic=False))
        return model

    def precision(self):
        if self.short:
            return torch.autocast(self.device.type, dtype=torch.bfloat16)
        return contextlib.nullcontext()

    def muon_number(self):
        """The type of Muon's products: a card has a third one between, of its own."""
        return torch.bfloat16 if self.short and self.device.type == "cpu" else torch.float32

    def gradient(self, step, batch):
        """Loss of this process's share of a batch; adds its gradient."""
        share = batch // WORLD
        batch = self.windows.batch(step, RANK * share, share)
        with self.precision():
            terms = self.model(*batch)
        loss = terms @ self.term_weights
        loss.backward()
        return loss.detach()

    def fit(self):
        """Makes the batch fit the card's memory, and the compiled model run or be left."""
        while True:
            failure = None
            try:
                self.gradient(0, self.batch)
                if self.device.type == "cuda":
                    torch.cuda.synchronize()
            except Exception as error:
                if not is_out_of_memory(error):
                    if self.model is self.plain:
                        raise
                    failure = "compile"
                    say(f"torch.compile failed ({one_line(error)}); going on without it")
                else:
                    failure = "memory"
            self.weights.grad.zero_()
            self.ready = time.time() - STARTED
            worst = agree({None: 2, "compile": 1, "memory": 0}[failure], self.device)
            if worst == 2:
                return
            gc.collect()
            torch.cuda.empty_cache()
            if worst == 1:
                self.model = self.plain
            elif self.batch < 2 * WORLD:
                raise Stop("the card's memory is too small for one window of this model")
            else:
                self.batch = max(WORLD, self.batch // 2 // WORLD * WORLD)
                say(f"the card's memory is too small: {self.batch} windows a step from here on")

    def evaluate(self):
        """Losses on the held-out windows, nats a token, and of bridges the further terms."""
        losses, further = {}, {}
        for kind in ("ordinary", "idioms"):
            rows = self.held_out[f"heldOut.{kind}"].astype(np.int32)
            places = self.held_out.get("heldOut.places")
            at_once = max(WORLD, self.batch)
            total = torch.zeros(1 + len(emitted.TERMS), device=self.device)
            with torch.no_grad(), self.precision():
                for at in range(0, len(rows), at_once):
                    # As a step's windows are shared: an error is over the variance of a process's own.
                    part = np.array_split(np.arange(len(rows))[at : at + at_once], WORLD)[RANK]
                    if not len(part):
                        continue
                    given = self.windows.with_places(rows[part], None if places is None else places[part])
                    terms = self.plain(*given)
                    total += len(part) * torch.cat((torch.ones_like(terms[:1]), terms))
            if WORLD > 1:
                dist.all_reduce(total)
            losses[kind], *values = (total[1:] / total[0]).tolist()
            further[kind] = dict(zip(emitted.TERMS[1:], values))
        return {**losses, "terms": further} if further["ordinary"] else losses

    def train(self):
        """Steps until the end, a signal, or what is asked for; whether the run is at its end."""
        config, weights, args = self.config, self.weights, self.args
        self.fit()
        first = self.step
        warm, measured = first + WARM_STEPS, first + WARM_STEPS + MEASURED_STEPS
        timed = args.minutes is not None and not args.smoke
        self.pending, self.clock, saved = [], time.time(), time.time()
        self.flush_at = first + 1
        started = self.clock
        last = first + SMOKE_STEPS  # of a trial, which may go past the end
        while self.step < (last if args.smoke else self.schedule.steps) and not self.stopping:
            loss = self.gradient(self.step, self.batch)
            if WORLD > 1:
                dist.all_reduce(weights.grad)
                dist.all_reduce(loss)
                weights.grad.div_(WORLD)
                loss = loss / WORLD
            rate, l0 = self.schedule.rate(self.step), self.schedule.l0(self.step)
            rms = update(weights, config, rate, l0, self.step + 1, self.muon_number())
            if self.revival:
                self.revival.watch()
            weights.grad.zero_()
            self.step += 1
            self.tokens += self.batch * config["model"]["context"]
            self.pending.append((self.step, rate, l0, torch.stack((loss, rms))))
            if self.revival and self.step % config["revive"]["every"] == 0:
                if self.schedule.done(self.step) <= config["revive"]["until"]:
                    self.revived[self.step] = self.revival.revive(self.step)
                    project_all(weights, config, l0)  # What a busy neuron reads is there twice now.
            if self.step == warm:
                self.wait()
                started = time.time()
            if self.step == measured:
                self.wait()
                self.step_seconds = (time.time() - started) / MEASURED_STEPS
                if timed and self.step < self.schedule.steps:
                    self.plan()
            due = self.step % self.evaluate_every == 0 or self.step == self.schedule.steps
            if not due and self.step < self.flush_at:
                continue
            # All processes get here at the same step, since the clocks of each go on alone.
            if self.flush(due and not args.smoke):
                return True
            self.stopping = agree(self.asked_to_stop, self.device, "MAX") > 0
            if timed and self.step > measured:
                self.adjust()
            save = time.time() - saved > CHECKPOINT_SECONDS
            if agree(save, self.device, "MAX") > 0 and not args.smoke:
                self.save()
                saved = time.time()
        if self.pending:
            self.flush(False)
        return self.step >= self.schedule.steps

    def wait(self):
        if self.device.type == "cuda":
            torch.cuda.synchronize()

    def flush(self, evaluate):
        """Writes a line for every step since the last; whether a held-out loss is low enough to end."""
        values = torch.stack([pair for *_, pair in self.pending]).tolist()
        elapsed = (time.time() - self.clock) / len(self.pending)
        held_out = self.evaluate() if evaluate else None
        every = max(1, self.schedule.steps // MOST_LINES)
        lines = []
        for (step, rate, l0, _), (loss, rms) in zip(self.pending, values):
            if not (math.isfinite(loss) and math.isfinite(rms)):
                raise Stop(
                    f"step {step}: the loss is not finite; lower optimizer.learningRate and train again"
                )
            line = {"step": step, "loss": loss, "learningRate": rate, "l0": l0, "gradientRms": rms}
            line["milliseconds"] = 1000 * elapsed
            if step in self.revived:
                line["revived"] = self.revived.pop(step)
            if held_out and step == self.step:
                line["heldOut"] = held_out
            if step % every == 0 or "heldOut" in line or "revived" in line:
                lines.append(json.dumps(line) + "\n")
        if RANK == 0 and not self.args.smoke:
            with open(os.path.join(self.args.result, "metrics.jsonl"), "a") as file:
                file.writelines(lines)
        tokens = self.batch * self.config["model"]["context"]
        words = f"{self.step}/{self.schedule.steps} · loss {values[-1][0]:.3f} · L0 {l0:.4f}"
        if held_out:
            words += " · held-out {ordinary:.3f} idioms {idioms:.3f}".format(**held_out)
            for term, value in held_out.get("terms", {}).get("ordinary", {}).items():
                words += f" · {term} {value:.3f}/{held_out['terms']['idioms'][term]:.3f}"
        say(f"{words} · {tokens / elapsed:.0f} tokens/s")
        self.pending, self.clock = [], time.time()
        self.flush_at = self.step + max(1, int(agree(FLUSH_SECONDS / elapsed, self.device)))
        if not held_out or "stopAtLoss" not in self.config:
            return False
        share = self.config["idiomShare"]
        mixed = (1 - share) * held_out["ordinary"] + share * held_out["idioms"]
        return mixed <= self.config["stopAtLoss"]

    def seconds_left(self):
        """For steps, until the time is up: without what evaluations and the end take."""
        end = STARTED + 60 * self.args.minutes - max(10, 1.2 * self.args.minutes)
        evaluations = max(1, (self.schedule.steps - self.step) / self.evaluate_every)
        return end - time.time() - evaluations * self.evaluation_seconds

    def plan(self):
        """As many steps as there is time for, now that the time of one is known."""
        before = time.time()
        self.evaluate()
        self.evaluation_seconds = time.time() - before
        self.clock += self.evaluation_seconds
        self.evaluate_every = max(1, (self.schedule.steps - self.step) // EVALUATIONS)
        possible = int(agree(self.seconds_left() / self.step_seconds, self.device))
        if possible < LEAST_STEPS:
            raise Stop(
                f"--minutes {self.args.minutes:g} leaves time for {max(0, possible)} steps once their speed"
                f" is known, fewer than {LEAST_STEPS}; give more minutes or leave it out"
            )
        self.move_end(possible)
        self.evaluate_every = max(1, math.ceil(self.schedule.steps / EVALUATIONS))
        say(f"{1000 * self.step_seconds:.0f} ms a step: {self.schedule.steps} steps in all")
        self.planned = (self.step, time.time())

    def move_end(self, steps):
        """Never so near that annealing becomes a jump: a machine that stood still takes longer instead."""
        self.schedule.end_at(self.step, self.step + max(LEAST_STEPS, int(steps)))

    def adjust(self):
        """Moves the end where the machine turns out slower or quicker."""
        step, since = self.planned
        left = self.schedule.steps - self.step
        if self.step < step + 50 or left < 20:
            return
        evaluations = self.step // self.evaluate_every - step // self.evaluate_every
        seconds = time.time() - since - evaluations * self.evaluation_seconds
        possible = agree(self.seconds_left() / (seconds / (self.step - step)), self.device)
        if possible < 0.99 * left or possible > 1.05 * left:
            self.move_end(possible)

    # ------------------------------------------------------------------------ keeping

    def save(self):
        """Everything that a resumed run continues from, in one file."""
        if RANK == 0:
            w = self.weights
            state = {"format": CHECKPOINT_FORMAT, "id": self.run_settings["id"], "step": self.step}
            state.update(batch=self.batch, tokens=self.tokens, seconds=self.seconds())
            s = self.schedule
            state["schedule"] = (s.step0, s.done0, s.steps)
            state["active"] = self.revival.active.cpu() if self.revival else None
            state.update(weights=w.flat.cpu(), first=w.first.cpu(), second=w.second.cpu())
            torch.save(state, self.args.checkpoint + ".new")
            os.replace(self.args.checkpoint + ".new", self.args.checkpoint)
        barrier()

    def load(self):
        path = self.args.checkpoint
        if not os.path.exists(path):
            raise Stop(f"there is no checkpoint {path} to continue from")
        state = torch.load(path, map_location="cpu")
        if state.get("format") != CHECKPOINT_FORMAT or state.get("id") != self.run_settings["id"]:
            raise Stop(f"{path}: made with other settings or another version; remove it")
        for name in ("weights", "first", "second"):
            getattr(self.weights, "flat" if name == "weights" else name).copy_(state[name])
        self.step, self.batch = state["step"], self.args.batch or state["batch"]
        self.tokens, self.seconds_before = state["tokens"], state["seconds"]
        self.schedule = Schedule(self.config, state["schedule"])
        if self.revival:
            self.revival = Revival(self.weights, self.config, state["active"])

    def seconds(self):
        return self.seconds_before + time.time() - STARTED

    def open_result(self):
        """A result folder without what the steps that follow write again."""
        if RANK or self.args.smoke:
            return
        os.makedirs(self.args.result, exist_ok=True)
        path, lines = os.path.join(self.args.result, "metrics.jsonl"), []
        if os.path.exists(path) and self.step > 0:
            with open(path) as file:
                for line in file:
                    if line.endswith("\n") and json.loads(line)["step"] <= self.step:
                        lines.append(line)
        write_whole(path, "".join(lines).encode())
        for name in os.listdir(self.args.result):
            if name == "state.json" or name.startswith("weights.safetensors"):
                os.remove(os.path.join(self.args.result, name))

    def write_result(self, finished):
        if RANK:
            return
        parts = []
        if finished:
            data = safetensors_bytes(self.weights.results())
            parts = [data[at : at + PART_BYTES] for at in range(0, len(data), PART_BYTES)]
            if len(parts) > MOST_PARTS:
                say(f"the weights are mostly nonzero and take {len(parts)} files")
        for index, part in enumerate(parts):
            write_whole(os.path.join(self.args.result, f"weights.safetensors.{index}"), part)
        state = {"format": FORMAT, "id": self.run_settings["id"], "finished": finished}
        state.update(step=self.step, steps=self.schedule.steps, batch=self.batch)
        state.update(tokens=self.tokens, seconds=self.seconds())
        state.update(parts=len(parts), torch=torch.__version__, processes=WORLD)
        cuda = self.device.type == "cuda"
        processor = "processor with bfloat16 products" if self.short else "processor"
        state["device"] = torch.cuda.get_device_name() if cuda else processor
        write_whole(os.path.join(self.args.result, "state.json"), json.dumps(state).encode())

    def report(self):
        if RANK:
            return
        if not self.step_seconds:
            raise Stop("stopped before the speed was measured")
        tokens = self.batch * self.config["model"]["context"] / self.step_seconds
        memory = torch.cuda.max_memory_allocated() / 2**30 if self.device.type == "cuda" else 0
        how = "compiled" if self.model is not self.plain else "not compiled"
        print(json.dumps({
            "tokensPerSecond": round(tokens), "millisecondsPerStep": 1000 * self.step_seconds,
            "batch": self.batch, "peakGiB": round(memory, 2), "secondsToFirstStep": self.ready,
            "model": how, "precision": "bfloat16" if self.short else "float32",
        }))


def choose_device(args):
    if not torch.cuda.is_available():
        if "OMP_NUM_THREADS" not in os.environ and hasattr(os, "sched_getaffinity"):
            torch.set_num_threads(len(os.sched_getaffinity(0)))  # PyTorch takes half of a core's threads.
        return torch.device("cpu")
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0)))
    torch.cuda.set_device(device)
    torch.set_float32_matmul_precision("high")
    return device


def short_products(asked, device):
    """Whether products are in bfloat16: as asked, or else where that is much faster."""
    if asked != "auto":
        return asked == "bfloat16"
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    best = {torch.float32: math.inf, torch.bfloat16: math.inf}
    for _ in range(6):  # in turn, since another program may hold the cores for a while
        for number in best:
            best[number] = min(best[number], product_seconds(number))
    return 2 * best[torch.bfloat16] < best[torch.float32]


def product_seconds(number):
    """The shortest product within 0.1 s on this processor. Those with bfloat16 of its own are quick, but
    not at once: what multiplies so is switched on when it is used."""
    a, best = torch.ones(1024, 512).to(number), math.inf
    b = torch.ones(512, 1024).to(number)
    begin = end = time.perf_counter()
    while end < begin + 0.1:
        start = time.perf_counter()
        a @ b
        end = time.perf_counter()
        best = min(best, end - start)
    return best


def keep_memory():
    """Has glibc keep the memory of freed arrays for the next ones: to give it back and clear it anew
    costs a twentieth of a step."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    for option, value in ((-4, 0), (-1, 2**31 - 1), (-2, 64 << 20)):  # mmap max, trim threshold, top pad
        mallopt(option, value)


def is_out_of_memory(error):
    text = str(error).lower()
    return "out of memory" in text or "alloc_failed" in text


def one_line(error):
    return " ".join(str(error).split())[:300] or type(error).__name__


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, help="ends in time, as far on as there is time for")
    parser.add_argument("--batch", type=int, help="windows a step, of all processes together")
    parser.add_argument("--resume", action="store_true", help="continue from the checkpoint")
    parser.add_argument("--smoke", action="store_true", help="a few steps; prints speed and memory")
    parser.add_argument("--precision", choices=("auto", "bfloat16", "float32"), default="auto",
                        help="of products; auto: bfloat16 where it is much faster")
    parser.add_argument("--no-compile", action="store_true", help="do without torch.compile")
    parser.add_argument("--result", default=os.path.join(HERE, "result"), help="folder of the result")
    parser.add_argument("--checkpoint", default=os.path.join(HERE, "checkpoint.pt"))
    args = parser.parse_args()
    if args.minutes is not None and not 0 < args.minutes < math.inf:
        raise Stop(f"--minutes is {args.minutes:g}; give a number above 0")
    if args.batch is not None and args.batch < 1:
        raise Stop(f"--batch is {args.batch}; give a whole number above 0")
    with open(os.path.join(HERE, "run.json")) as file:
        run = json.load(file)
    if run.get("format") != FORMAT:
        raise Stop(f"run.json has format {run.get('format')}, this train.py reads {FORMAT}")
    keep_memory()
    with processes():
        run_trainer(run, args)


@contextlib.contextmanager
def processes():
    """The group of all processes of a run, ended before Python ends: a thread of it that still lets go
    of a tensor while the interpreter is taken down would abort the process after all its work."""
    if WORLD == 1:
        yield
        return
    dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    try:
        yield
    finally:
        dist.destroy_process_group()


def refuse_finished(result):
    """A new start would delete the result and keep of it at most an older checkpoint."""
    path = os.path.join(result, "state.json")
    if not os.path.exists(path):
        return
    with open(path) as file:
        state = json.load(file)
    if state["finished"]:
        raise Stop(f"{result} holds a finished run; choose another --result or delete it")


def run_trainer(run, args):
    if not args.smoke:
        refuse_finished(args.result)
    trainer = Trainer(run, args)
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: setattr(trainer, "asked_to_stop", True))
    trainer.open_result()
    finished = trainer.train()
    if args.smoke:
        trainer.report()
        return
    if not finished:
        trainer.save()
    trainer.write_result(finished)
    say(f"{'done' if finished else 'stopped'} after {trainer.step} steps: {args.result}")


if __name__ == "__main__":
    try:
        main()
    except Stop as error:
        sys.exit(str(error))
