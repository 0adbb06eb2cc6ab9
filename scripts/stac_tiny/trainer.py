"""One training run: rows in, checkpoints out; a killed run resumes where its last checkpoint stood.

Two workers of one thread each, on shared parameters, each take half of every batch: on a busy machine that is several
times faster than one process with two threads, which waits at every small operation for the slower one.
"""

import json
import math
import multiprocessing
import os
import time
from pathlib import Path

import torch
from safetensors.torch import save_file

from . import sides
from . import stories as tales
from .data import Encoder, packed_rows
from .model import Shape, StacTiny, huggingface_config
from .optimizer import optimizers
from .template import END, END_OF_TEXT
from .tokenizer import save_tokenizer, train_tokenizer, write_json

CHUNK = 2000  # dialogues drawn at a time
RICH_CHUNKS, TALK_CHUNKS = 6, 12  # chunks rich in stories; chunks that also train what users say
PROBE = range(1000, 1120)  # evaluation dialogues watched while training; the measured ones are 0..999


def stories_with(chunk):
    """Which stories go with a chunk of dialogues: a fifth of the tokens at first, later a twelfth."""
    first = min(chunk, RICH_CHUNKS) * 550 + max(chunk - RICH_CHUNKS, 0) * 220
    return range(first, first + (550 if chunk < RICH_CHUNKS else 220))


def user_weight(chunk):
    """Weight of the user's turns: once the language is learned, recall counts for nearly all."""
    return 0.3 if chunk < TALK_CHUNKS else 0.1


class Rows:
    """An endless stream of rows; `chunk`, `taken` and `focused_from` (the first chunk of the last part, if begun) are its state."""

    def __init__(self, encoder, stories, seed):
        self.encoder, self.stories, self.seed = encoder, stories, seed
        self.chunk, self.taken, self.length, self.focused_from = 0, 0, None, None
        self.forbidden = sides.forbidden_grams()
        self.rows = iter(())

    def open(self, length):
        """Packs the current chunk into rows of this length and skips what was taken."""
        indices = range(self.chunk * CHUNK, (self.chunk + 1) * CHUNK)
        documents = self.encoder.dialogues(sides.training_dialogues(self.seed, indices, self.forbidden, self.focused_dialogue()), user_weight(self.chunk))
        documents += self.encoder.stories([self.stories[index % len(self.stories)] for index in stories_with(self.chunk)])
        rows = list(packed_rows(documents, length, seed=self.chunk))
        self.rows, self.length = iter(rows[self.taken:]), length

    def focused_dialogue(self):
        return float("inf") if self.focused_from is None else self.focused_from * CHUNK

    def batch(self, count, length, focused):
        if length != self.length or focused != (self.focused_from is not None):
            self.chunk, self.taken = (self.chunk, self.taken) if self.length is None else (self.chunk + 1, 0)
            self.focused_from = self.chunk if focused and self.focused_from is None else self.focused_from
            self.open(length)
        rows = []
        while len(rows) < count:
            row = next(self.rows, None)
            if row is None:
                self.chunk, self.taken = self.chunk + 1, 0
                self.open(length)
                continue
            self.taken += 1
            rows.append(row)
        ids = torch.stack([torch.from_numpy(row[0]) for row in rows])
        weights = torch.stack([torch.from_numpy(row[1]) for row in rows])
        return ids[:, :-1], ids[:, 1:], weights[:, 1:]


class Plan:
    """Row length, batch and learning rate as functions of the share of the run that is done.

    The share runs from 0 to 1 over `tokens`, then by 1 over each of the rounds of `focus_tokens`: there rates rise again,
    part of the way, and the dialogues are those that repeat what is learned last. The model is the mean of the weights at
    the rounds' ends (Izmailov et al., 2018, "Averaging weights leads to wider optima and better generalization").
    """

    LARGE_BATCHES = 0.03  # the first gradients are noisy
    LONG_ROWS = 0.7
    FOCUS_RATES = 0.35  # of the peaks, where a round begins

    def __init__(self, tokens, focus_tokens, muon_lr, adam_lr):
        self.parts, self.peaks = [tokens, *focus_tokens], (muon_lr, adam_lr)
        self.end = float(len(self.parts))

    def share(self, tokens):
        for part, length in enumerate(self.parts):
            if tokens < length:
                return part + tokens / length
            tokens -= length
        return self.end

    def rounds_done(self, share):
        return max(0, int(share) - 1)

    def focused(self, share):
        return share >= 1.0

    def rows(self, share):
        """(rows, length): short rows first, then whole dialogues and every position."""
        if share < self.LARGE_BATCHES:
            return 32, 256
        return (16, 256) if share < self.LONG_ROWS else (8, 512)

    def learning_rates(self, share):
        """(Muon, AdamW, AdamW of the positions). The later positions are first met in long rows, when the rates have
        already fallen: their table then gets a high rate again."""
        if self.focused(share):
            factor = 0.005 + self.FOCUS_RATES * (1 - share % 1)
            return self.peaks[0] * factor, self.peaks[1] * factor, self.peaks[1] * factor
        factor = min(1.0, share / 0.02 + 0.02) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * share)))
        positions = factor if share < self.LONG_ROWS else 0.6 * max(0.0, min(1.0, (1 - share) / 0.15))
        return self.peaks[0] * factor, self.peaks[1] * factor, self.peaks[1] * positions


class Run:
    """Everything that a checkpoint holds. Worker 0 reports, saves and updates the embeddings and norms."""

    def __init__(self, folder, tokenizer, stories, plan, seed, workers):
        torch.set_num_threads(1)
        torch.manual_seed(seed)
        self.folder, self.tokenizer, self.plan, self.seed, self.workers = Path(folder), tokenizer, plan, seed, workers
        self.shape = Shape(vocabulary=tokenizer.get_vocab_size())
        self.model = StacTiny(self.shape).share_memory()
        self.muon, self.adam = optimizers(self.model, *plan.peaks)
        self.gradients = torch.zeros(workers, sum(p.numel() for p in self.model.parameters())).share_memory_()
        self.share = torch.zeros(1, dtype=torch.float64).share_memory_()  # worker 0 writes it, between barriers
        self.encoder = Encoder(tokenizer)
        self.rows = Rows(self.encoder, stories, seed)
        self.probe = [self.encoder.dialogues([sides.evaluation_dialogue(index)], user=1.0) for index in PROBE]
        self.seen, self.steps, self.seconds = 0, 0, 0.0
        self.log = []
        self.round_ends = []  # weights at the end of each focused round
        self.stories = stories

    def train(self, checkpoint_seconds, stop_after=None):
        context = multiprocessing.get_context("fork")
        self.barrier = context.Barrier(self.workers)
        others = [context.Process(target=self.work, args=(worker, checkpoint_seconds, stop_after)) for worker in range(1, self.workers)]
        for process in others:
            process.start()
        self.work(0, checkpoint_seconds, stop_after)
        for process in others:
            process.join()

    def work(self, worker, checkpoint_seconds, stop_after):
        started = saved = time.time()
        before, losses, next_probe = self.seconds, [], (self.seen // 1_000_000 + 1) * 1_000_000
        while self.share.item() < self.plan.end:
            losses.append(self.step(worker))
            if worker:
                continue
            self.seconds = before + time.time() - started
            if self.plan.rounds_done(self.share.item()) > len(self.round_ends):
                self.round_ends.append({name: value.clone() for name, value in self.model.state_dict().items()})
            if self.steps % 50 == 0:
                self.report(f"loss {sum(losses) / len(losses):.4f}")
                losses.clear()
            if self.seen >= next_probe:
                self.report("recall " + self.recall())
                next_probe += 1_000_000
            if time.time() - saved > checkpoint_seconds:
                self.save()
                saved = time.time()
            if stop_after and self.seconds > stop_after:
                self.stop_next = True
        if worker == 0:
            self.report("recall " + self.recall())
            self.save()

    stop_next = False

    def step(self, worker):
        """One batch: gradients of this worker's rows, their mean, then this worker's share of the update."""
        share = self.share.item()
        for group, rate in zip(self.muon.param_groups + self.adam.param_groups, self.plan.learning_rates(share)):
            group["lr"] = rate
        tokens, targets, weights = self.rows.batch(*self.plan.rows(share), self.plan.focused(share))
        part = slice(worker, None, self.workers)
        loss = self.model(tokens[part], targets[part], weights[part])
        loss.backward()
        torch.cat([p.grad.flatten() for p in self.model.parameters()], out=self.gradients[worker])
        self.barrier.wait()
        self.take_mean_gradient()
        self.muon.step(worker, self.workers)
        if worker == 0:
            self.adam.step()
        self.model.zero_grad(set_to_none=True)
        self.seen += tokens.numel()
        self.steps += 1
        if worker == 0:
            self.share.fill_(self.plan.end if self.stop_next else self.plan.share(self.seen))
        self.barrier.wait()
        return loss.item()

    def take_mean_gradient(self):
        mean, at = self.gradients.mean(0), 0
        for parameter in self.model.parameters():
            parameter.grad = mean[at:at + parameter.numel()].view_as(parameter)
            at += parameter.numel()

    def report(self, text):
        rate = self.seen / max(self.seconds, 1e-9)
        print(f"{time.strftime('%H:%M:%S')} step {self.steps} tokens {self.seen:,} {self.seconds:.0f} s {rate:.0f}/s {text}", flush=True)
        self.log.append((self.seen, text))

    @torch.no_grad()
    def recall(self):
        """Share of probe questions whose whole reference answer is the greedy one, for all and for unseen names."""
        right = {True: [], False: []}
        for index, documents in zip(PROBE, self.probe):
            dialogue = sides.evaluation_dialogue(index)
            if not documents:
                continue
            ids = torch.from_numpy(documents[0][0].astype("int64"))[None]
            best = torch.nn.functional.linear(self.model.transformer(ids[:, :-1]), self.model.transformer.wte.weight).argmax(-1)[0]
            good = (best == ids[0, 1:]).tolist()
            starts = [at for at, token in enumerate(ids[0].tolist()) if token == self.tokenizer.token_to_id("<|im_start|>")]
            for question in dialogue.questions():
                first = starts[question["turn"] + 1] + 3  # after "<|im_start|>assistant\n"
                last = ids[0].tolist().index(self.tokenizer.token_to_id(END), first)
                right[question["unseen_name"]].append(all(good[first - 1: last]))
        share = lambda values: f"{100 * sum(values) / max(len(values), 1):.1f}% of {len(values)}"
        return f"all {share(right[True] + right[False])}, unseen names {share(right[True])}"

    # --- checkpoints ---

    def save(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        state = {"model": self.model.state_dict(), "optimizers": [optimizer.state_dict() for optimizer in (self.muon, self.adam)],
                 "seen": self.seen, "steps": self.steps, "seconds": self.seconds, "chunk": self.rows.chunk, "taken": self.rows.taken,
                 "focused_from": self.rows.focused_from, "length": self.rows.length, "log": self.log,
                 "round_ends": self.round_ends}
        torch.save(state, self.folder / "checkpoint.tmp")
        os.replace(self.folder / "checkpoint.tmp", self.folder / "checkpoint.pt")
        self.export(self.folder / "model")

    def resume(self):
        """Goes on from the last checkpoint."""
        state = torch.load(self.folder / "checkpoint.pt", weights_only=True)
        self.model.load_state_dict(state["model"])
        for optimizer, saved in zip((self.muon, self.adam), state["optimizers"]):
            optimizer.load_state_dict(saved)
        for state_of in self.muon.state.values():
            state_of["momentum"].share_memory_()
        self.seen, self.steps, self.seconds, self.log = state["seen"], state["steps"], state["seconds"], state["log"]
        self.round_ends = state["round_ends"]
        self.share.fill_(self.plan.share(self.seen))
        self.rows.chunk, self.rows.taken, self.rows.focused_from = state["chunk"], state["taken"], state["focused_from"]
        self.rows.open(state["length"])

    def weights(self):
        """The mean of the rounds' ends; the last weights where no round has ended yet."""
        if not self.round_ends:
            return self.model.state_dict()
        return {name: sum(end[name] for end in self.round_ends) / len(self.round_ends) for name in self.round_ends[0]}

    def export(self, folder):
        """The model as Hugging Face checkpoint: bf16 weights, tokenizer, configs, and what the data was."""
        folder.mkdir(parents=True, exist_ok=True)
        tensors = {name: value.to(torch.bfloat16).contiguous() for name, value in self.weights().items()}
        save_file(tensors, str(folder / "model.safetensors"), metadata={"format": "pt"})
        bos, eos = self.tokenizer.token_to_id(END_OF_TEXT), self.tokenizer.token_to_id(END)
        write_json(folder / "config.json", huggingface_config(self.shape, bos, eos))
        write_json(folder / "generation_config.json", {"bos_token_id": bos, "eos_token_id": [eos, bos], "pad_token_id": bos,
                                                       "do_sample": False, "max_new_tokens": 120})
        save_tokenizer(self.tokenizer, folder, self.shape.context)
        write_json(folder / "training.json", {
            "seed": self.seed, "dialogues": (self.rows.chunk + 1) * CHUNK,
            "focused_from": None if self.rows.focused_from is None else self.rows.focused_dialogue(), "tokens": self.seen,
            "steps": self.steps, "seconds": round(self.seconds), "schedule": self.plan.parts,
            "stories": len(self.stories), "stories_sha256": tales.fingerprint(self.stories)})


def prepared_stories(source, count, seed):
    """Training stories: none in which a word of evaluation's unseen names stands."""
    return tales.shuffled(tales.without_words(tales.stories_from(source, count, seed), sides.unseen_words()), seed)


def prepared_tokenizer(stories, seed, size):
    """A tokenizer from the first dialogues and stories of the training data."""
    first = sides.training_dialogues(seed, range(6000), forbidden=frozenset())
    texts = [message["content"] for dialogue in first for message in dialogue.messages()]
    return train_tokenizer(texts + ["user\nassistant\nsystem\n"] * 2000 + stories[:2500], size)


def load_json(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))
