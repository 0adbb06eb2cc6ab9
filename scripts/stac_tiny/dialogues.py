"""Generated dialogues: facts are stated, the talk wanders off, the facts are asked back, corrected, or found missing.

Every dialogue is a function of its seed. Training and evaluation use the same phrases but, by split.py, no common
fact sentence, and evaluation's unseen names and towns are on the other side of the hash.
"""

import random
from dataclasses import dataclass, field

from . import facts, phrases, talk
from .facts import FactMaker, count_keywords, joined, pets_text
from .names import Names
from .split import held_out

# What comes next in a dialogue, as cumulative shares; what is left wanders off. Training asks more often than the
# measured dialogues do: a recalled fact teaches most.
EVENTS = {"state": 0.20, "ask": 0.66, "correct": 0.73, "ask_missing": 0.79, "ask_summary": 0.805}
TRAINING_EVENTS = {"state": 0.20, "ask": 0.73, "correct": 0.80, "ask_missing": 0.87, "ask_summary": 0.90}
# The last part of the training repeats what is learned last: counts of several pets, relations, facts never told.
FOCUSED_EVENTS = {"state": 0.22, "ask": 0.68, "correct": 0.76, "ask_missing": 0.89, "ask_summary": 0.91}


@dataclass(frozen=True)
class Mix:
    """How often things happen in a dialogue."""

    events: dict
    keys: dict = field(default_factory=lambda: facts.KEY_SHARES)
    casual: float = 0.04
    asks_pets: float = 0.2      # a question is turned to the pets, where there are some
    other_animal: float = 0.1   # a count asked for is of an animal never told


EVALUATION = Mix(EVENTS, asks_pets=0.0)
TRAINING = Mix(TRAINING_EVENTS)
FOCUSED = Mix(FOCUSED_EVENTS, facts.FOCUSED_KEY_SHARES, casual=0.1, asks_pets=0.35, other_animal=0.2)


@dataclass
class Exchange:
    """One user turn and its answer; `question` is set where a fact is asked back, `facts` where some are stated."""

    user: str
    answer: str
    question: dict = None
    facts: list = field(default_factory=list)


@dataclass
class Dialogue:
    exchanges: list
    system: str = None

    def messages(self):
        turns = [{"role": "system", "content": self.system}] if self.system else []
        for exchange in self.exchanges:
            turns += [{"role": "user", "content": exchange.user}, {"role": "assistant", "content": exchange.answer}]
        return turns

    def questions(self):
        first = 1 if self.system else 0
        return [{"turn": first + 2 * index, **exchange.question}
                for index, exchange in enumerate(self.exchanges) if exchange.question]

    def fact_turns(self):
        """(user turn, the values stated in it)"""
        return [(exchange.user, [fact.values["v"] for fact in exchange.facts]) for exchange in self.exchanges if exchange.facts]


def sentence(text):
    return text[0].upper() + text[1:]


class Writer:
    """Writes one dialogue. The mix chooses the events and the side of the fact sentences, `unseen` the names."""

    def __init__(self, seed, mix=TRAINING, unseen=False):
        self.rng = random.Random(seed)
        self.mix, self.evaluation = mix, mix is EVALUATION
        self.names = Names(self.rng, unseen, phrases.phrase_words(), spelled=0.0 if self.evaluation else 0.08)
        self.maker = FactMaker(self.rng, self.names, mix.keys)
        self.known = {}       # key -> Fact, as last stated
        self.stated_at = {}   # key -> index of the exchange that stated it last
        self.asked = set()
        self.exchanges = []

    def write(self):
        rng = self.rng
        # Most conversations are short; the longest must stay under 480 tokens.
        budget = rng.choice((260, 340, 420, 420, 500, 500, 600, 700, 900))
        system = rng.choice(phrases.SYSTEM_PROMPTS) if rng.random() < 0.05 else None
        self.casual = rng.random() < self.mix.casual
        if rng.random() < 0.008 and not self.evaluation:
            self.well_known_check()
        elif rng.random() < 0.25:
            self.add(talk.wander(rng, self.names))
        if not self.known and rng.random() > 0.06:
            self.state()
        while self.size() < budget:
            self.next_event()
        if not any(exchange.question for exchange in self.exchanges):
            self.ask()
        if rng.random() < 0.08:
            self.add([(rng.choice(talk.BYES[0]), rng.choice(talk.BYES[1]))])
        return Dialogue(self.exchanges, system)

    def size(self):
        return sum(len(exchange.user) + len(exchange.answer) + 36 for exchange in self.exchanges)

    def next_event(self):
        pick = self.rng.random()
        room = {"state": len(self.known) < 6, "correct": bool(self.known), "ask_summary": 1 <= len(self.known) <= 2}
        event = next((name for name, share in self.mix.events.items() if pick < share and room.get(name, True)), None)
        if event:
            getattr(self, event)()
        else:
            self.add(talk.wander(self.rng, self.names))

    # --- what is said ---

    def add(self, pairs, question=None, stated=()):
        for user, answer in pairs:
            if self.casual:
                user = user.lower()
                user = user.rstrip(".?!") if len(user) % 2 else user
            self.exchanges.append(Exchange(user, answer, question, list(stated)))

    def make(self, key, **how):
        fact = self.maker.make(key, **how)
        if self.casual:
            fact.values = {name: value.lower() for name, value in fact.values.items()}
        return fact

    def clause(self, fact, phrases):
        """A phrase for this fact on the right side of the split, or None."""
        for _ in range(30 if self.evaluation else 5):
            text = fact.says(self.rng.choice(phrases))
            if held_out(text) == self.evaluation:
                return text
        return None

    def draw(self, key, phrases_of=lambda kind: kind.clauses):
        """A fact for this key with its clause; values are redrawn until a clause is on the right side."""
        while True:
            fact = self.make(key)
            text = self.clause(fact, phrases_of(fact.kind))
            if text:
                return fact, text

    def remember(self, fact):
        self.known[fact.key] = fact
        self.stated_at[fact.key] = len(self.exchanges)
        self.asked.discard(fact.key)

    # --- events ---

    def state(self):
        """A turn with one to three new facts."""
        rng = self.rng
        stated, clauses = [], []
        for _ in range(rng.choice((1, 1, 1, 1, 2, 2, 2, 3))):
            key = self.new_key()
            if key is None or any(fact.key == key for fact in stated):
                continue
            fact, text = self.draw(key)
            stated.append(fact)
            clauses.append(text)
        if not stated:
            return
        for fact in stated:
            self.remember(fact)
        text = self.statement(clauses)
        self.add([(text, self.acknowledge(stated))], stated=stated)

    def new_key(self):
        for _ in range(8):
            key = self.maker.draw_key()
            if self.casual:
                key = key.lower()
            if key not in self.known:
                # The first thing people tell is mostly their name.
                return "name" if not self.known and self.rng.random() < 0.35 else key
        return None

    def statement(self, clauses):
        rng = self.rng
        text = clauses[0]
        for clause in clauses[1:]:
            text += rng.choice((" and {c}", " and {c}", " and {c}", ", {c}", ", and {c}", ". {C}", ". {C}", ". Also, {c}")).format(c=clause, C=sentence(clause))
        text = sentence(text) + rng.choice((".", ".", ".", ".", "!"))
        if not self.exchanges and rng.random() < 0.5:
            text = self.opened(rng.choice(phrases.GREETING_OPENERS), text, clauses[0])
        elif rng.random() < 0.3:
            text = self.opened(rng.choice(phrases.OPENERS), text, clauses[0])
        if rng.random() < 0.08:
            text += " " + rng.choice(phrases.TAILS)
        return text

    @staticmethod
    def opened(opener, text, clause):
        return f"{opener} {text}" if opener[-1] in ".!" else f"{opener} {clause[0]}{text[1:]}"

    def acknowledge(self, stated):
        rng = self.rng
        pick = rng.random()
        fact = rng.choice(stated) if rng.random() < 0.5 else stated[0]
        if pick < 0.5:
            return sentence(fact.says(rng.choice(fact.kind.acks)))
        if pick < 0.62:
            return f"So {self.answer(fact)}. {rng.choice(facts.NOTED)}"
        return rng.choice(facts.NOTED)

    @staticmethod
    def answer(fact, asked=""):
        """The clause that answers; a town is answered as it was asked for."""
        if fact.key == "town":
            if "from" in asked.lower():
                return fact.says("you are from {v}")
            return fact.says("your home town is {v}" if "home town" in asked.lower() else "you live in {v}")
        return fact.says(fact.kind.answer)

    def ask(self):
        if not self.known:
            return self.ask_missing()
        rng = self.rng
        keys = list(self.known)
        fresh = [key for key in keys if key not in self.asked]
        key = rng.choice(fresh if fresh and rng.random() < 0.75 else keys)
        if self.mix.asks_pets and "pets" in self.known and rng.random() < self.mix.asks_pets:
            key = "pets"
        if len(keys) > 1 and rng.random() < 0.06:
            return self.ask_two(key, rng.choice([other for other in keys if other != key]))
        fact = self.known[key]
        if key == "pets" and rng.random() < 0.75:
            return self.ask_count(fact)
        asked = self.question(fact.kind, fact.values)
        self.answered([fact], asked, sentence(self.answer(fact, asked)) + ".", fact.keywords)

    def question(self, kind, values):
        rng = self.rng
        pick = rng.random()
        if pick < 0.6:
            return self.direct(rng.choice(kind.directs).format(**values))
        if pick < 0.82:
            return rng.choice(phrases.INDIRECT_ASKS).format(q=rng.choice(kind.indirects).format(**values))
        return rng.choice(phrases.NOUN_ASKS).format(q=rng.choice(kind.nouns).format(**values))

    def direct(self, asked):
        lead = self.rng.choice(phrases.DIRECT_LEADS)
        return f"{lead} {asked}?" if lead else sentence(asked) + "?"

    def answered(self, of, asked, answer, keywords):
        now = len(self.exchanges)
        question = {"keywords": keywords, "unseen_name": any(fact.unseen for fact in of),
                    "asks": [fact.key for fact in of], "distance": now - min(self.stated_at[fact.key] for fact in of)}
        self.asked.update(fact.key for fact in of)
        self.add([(asked, answer)], question)

    def ask_two(self, first, second):
        of = [self.known[first], self.known[second]]
        parts = [fact.says(self.rng.choice(fact.kind.directs)) for fact in of]
        answer = " and ".join(self.answer(fact, part) for fact, part in zip(of, parts))
        self.answered(of, self.direct(" and ".join(parts)), sentence(answer) + ".", of[0].keywords + of[1].keywords)

    def ask_count(self, fact):
        rng = self.rng
        if rng.random() < self.mix.other_animal:
            return self.ask_missing_count(fact)
        wanted = rng.sample(fact.pets, 2) if len(fact.pets) > 1 and rng.random() < 0.2 else [rng.choice(fact.pets)]
        asked = self.count_question(" and ".join(facts.PET_KINDS[kind] for _, kind in wanted))
        keywords = [words for count, kind in wanted for words in count_keywords(count, kind)]
        self.answered([fact], asked, f"You have {pets_text(wanted)}.", keywords)

    def count_question(self, kinds):
        rng = self.rng
        pick = rng.random()
        if pick < 0.7:
            return self.direct(rng.choice(facts.COUNT_DIRECTS).format(x=kinds))
        if pick < 0.9:
            return rng.choice(phrases.INDIRECT_ASKS).format(q=rng.choice(facts.COUNT_INDIRECTS).format(x=kinds))
        return rng.choice(("And {x}?", "And how many {x}?", "What about {x}?", "How many {x}?", "What about the {x}?")).format(x=kinds)

    def ask_missing_count(self, fact):
        kind = self.rng.choice([kind for kind in facts.PET_KINDS if kind not in [owned for _, owned in fact.pets]])
        kinds = facts.PET_KINDS[kind]
        self.not_told(self.count_question(kinds), f"about any {kinds}", "pets")

    def ask_missing(self):
        """Asks for what was never said."""
        for _ in range(8):
            key = self.maker.draw_key()
            if key in self.known:
                continue
            if key == "pets" and self.rng.random() < 0.6:
                kinds = facts.PET_KINDS[self.rng.choice(list(facts.PET_KINDS))]
                return self.not_told(self.count_question(kinds), f"about any {kinds}", key)
            name, _, about = key.partition(":")
            kind = facts.PETS if key == "pets" else facts.KINDS[name]
            return self.not_told(self.question(kind, {"x": about}), kind.missing.format(x=about), key)

    def not_told(self, asked, what, key):
        question = {"keywords": [["haven't told", "have not told"]], "unseen_name": False, "asks": ["missing:" + key], "distance": 0}
        self.add([(asked, f"You haven't told me {what} yet.")], question)

    def ask_summary(self):
        of = list(self.known.values())
        answer = sentence(joined([self.answer(fact) for fact in of])) + "."
        self.answered(of, self.rng.choice(phrases.SUMMARY_ASKS), answer, [words for fact in of for words in fact.keywords])

    def correct(self):
        """A new value for a known key; the answer repeats it."""
        rng = self.rng
        key = rng.choice(list(self.known))
        old = self.known[key]
        new, text = self.changed_pets(old) if key == "pets" else self.draw(key, lambda kind: kind.clauses + kind.changes * 3)
        if new is None or new.values["v"] == old.values["v"]:
            return
        said = f"{rng.choice(phrases.CORRECTIONS)} {text}"
        if rng.random() < 0.15 and key != "pets":
            said += f", not {old.values['v']}"
        told = new if key != "pets" else new.update
        answer = self.answer(told)
        reply = rng.choice(phrases.CORRECTED).format(a=answer, A=sentence(answer)) if rng.random() < 0.6 else rng.choice(facts.NOTED)
        self.remember(new)
        self.add([(said + ".", reply)], stated=[told])

    def changed_pets(self, old):
        """Another count for one kind of pet; the others stay. `update` is the part that is said."""
        kind = self.rng.choice(old.pets)[1]
        for _ in range(20):
            update = self.maker.pets([kind])
            text = self.clause(update, ("I have {v}", "I now have {v}", "I have {v} now", "I've got {v}", "I own {v}"))
            if text and update.pets[0] not in old.pets:
                break
        else:
            return None, None
        pets = [update.pets[0] if owned == kind else (count, owned) for count, owned in old.pets]
        keywords = [words for count, owned in pets for words in count_keywords(count, owned)]
        new = facts.Fact("pets", facts.PETS, {"v": pets_text(pets), "x": "", "f": ""}, keywords, False, pets)
        new.update = update
        return new, text

    def well_known_check(self):
        """The shapes of well-known multi-turn checks, word for word."""
        self.casual = False
        name, town = self.make("name"), self.make("town")
        for fact, value in ((name, "Alice Smith"), (town, "New York")):
            fact.values["v"], fact.values["f"], fact.keywords, fact.unseen = value, value.split(" ")[0], [[value]], False
        pets = self.maker.pets(["dog", "cat"])
        pets.pets = [("3", "dog"), ("2", "cat")]
        pets.values["v"] = pets_text(pets.pets)
        pets.keywords = [words for count, kind in pets.pets for words in count_keywords(count, kind)]
        stated, text = ([name, town], "My name is Alice Smith and I am from New York.") if self.rng.random() < 0.6 else ([pets], "I have 3 dogs and 2 cats.")
        for fact in stated:
            self.remember(fact)
        self.add([(text, self.acknowledge(stated))], stated=stated)
