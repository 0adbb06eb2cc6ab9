"""The facts that a user states, asks back and corrects: how each kind is said, asked, answered and acknowledged.

Every phrase is a clause without its first capital and final mark; turns.py makes sentences of them. `{v}` is the
value, `{x}` what it is a value of (the sister, the colour), `{f}` the first word of a name.
"""

from dataclasses import dataclass, field

COLOURS = "red blue green yellow purple orange black white pink brown turquoise grey gold silver violet crimson teal beige".split()
FOODS = """pizza;pasta;sushi;rice;curry;soup;salad;bread;cheese;chocolate;pancakes;noodles;dumplings;tacos;lasagna;fish;
potatoes;ice cream;apple pie;stew;chicken;waffles;burgers;risotto""".replace("\n", "").split(";")
DRINKS = "tea;coffee;water;milk;apple juice;orange juice;lemonade;hot chocolate;cola;mint tea;cocoa;beer;wine".split(";")
SEASONS = "spring summer autumn winter".split()
ANIMALS = """the tiger;the lion;the elephant;the penguin;the owl;the dolphin;the fox;the bear;the wolf;the otter;the giraffe;
the turtle;the eagle;the panda;the whale""".replace("\n", "").split(";")

FAVOURITES = {"colour": COLOURS, "food": FOODS, "drink": DRINKS, "season": SEASONS, "animal": ANIMALS}

JOBS = """a teacher;a nurse;a doctor;a baker;a pilot;a carpenter;a farmer;a lawyer;a painter;a cook;a chef;a driver;
a gardener;a plumber;a writer;a singer;a dancer;a student;a scientist;a programmer;a journalist;a librarian;a dentist;
a butcher;a tailor;a waiter;a mechanic;a photographer;a musician;a firefighter;a police officer;a translator;
a bus driver;a biologist;a physicist;a mathematician;a historian;a designer;a florist;a fisherman;a sailor;a soldier;
a judge;a banker;a postman;a shepherd;a blacksmith;a plumber;a surgeon;a vet;an engineer;an architect;an actor;
an artist;an electrician;an accountant;an astronomer;an editor;an optician;a software developer;a data analyst;
a taxi driver;a school teacher;a hairdresser;a potter;a welder""".replace("\n", "").split(";")

HOBBIES = """reading;painting;cooking;hiking;swimming;gardening;dancing;singing;fishing;climbing;knitting;cycling;running;
sailing;chess;photography;drawing;baking;skating;surfing;camping;writing poems;playing chess;playing the piano;
playing the guitar;collecting stamps;bird watching;riding horses;playing video games;yoga""".replace("\n", "").split(";")

PEOPLE = "best friend;friend;brother;sister;mother;father;wife;husband;son;daughter;uncle;aunt;cousin;teacher".split(";")
NAMED_PETS = "dog cat horse parrot rabbit hamster".split()

PET_KINDS = {"dog": "dogs", "cat": "cats", "fish": "fish", "rabbit": "rabbits", "hamster": "hamsters", "parrot": "parrots",
             "horse": "horses", "bird": "birds", "turtle": "turtles", "goat": "goats", "chicken": "chickens", "mouse": "mice",
             "duck": "ducks", "sheep": "sheep", "cow": "cows"}
# Which fact is stated, as cumulative shares: names, towns and pets most often.
KEY_SHARES = {"name": 0.22, "town": 0.40, "pets": 0.55, "favourite": 0.67, "relation": 0.80, "job": 0.87, "age": 0.94, "hobby": 1.0}
FOCUSED_KEY_SHARES = {"name": 0.18, "town": 0.29, "pets": 0.55, "favourite": 0.69, "relation": 0.88, "job": 0.94, "age": 0.97, "hobby": 1.0}
COUNT_WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()


@dataclass(frozen=True)
class Kind:
    """How one kind of fact is talked about."""

    clauses: tuple      # statements
    nouns: tuple        # "my name": for "tell me my name", "and my name?"
    directs: tuple      # "what is my name"
    indirects: tuple    # "what my name is"
    answer: str         # "your name is {v}"
    missing: str        # "your name": for "you haven't told me your name yet"
    acks: tuple
    changes: tuple = ()  # clauses that only make sense as a correction


KINDS = {
    "name": Kind(
        clauses=("my name is {v}", "my name is {v}", "I'm {v}", "I am {v}", "you can call me {v}", "call me {v}", "people call me {v}",
                 "my friends call me {v}", "everybody calls me {v}", "I go by {v}", "the name is {v}", "my name's {v}",
                 "I am called {v}", "I'm called {v}", "please call me {v}", "this is {v}", "they call me {v}"),
        nouns=("my name",),
        directs=("what is my name", "what is my name", "what's my name", "who am I", "what am I called", "what was my name again",
                 "which name did I give you", "what name did I tell you", "what do people call me", "what did I say my name was",
                 "what should you call me"),
        indirects=("what my name is", "who I am", "what I am called", "what my name was", "how I am called"),
        answer="your name is {v}", missing="your name",
        acks=("Nice to meet you, {f}!", "Nice to meet you, {v}.", "Hello {f}, nice to meet you.", "It is a pleasure to meet you, {f}.",
              "Welcome, {f}! How can I help you?", "Hi {f}! What would you like to talk about?"),
        changes=("my real name is {v}", "my name is really {v}")),
    "town": Kind(
        clauses=("I live in {v}", "I live in {v}", "I am from {v}", "I'm from {v}", "I come from {v}", "my home is in {v}", "my home town is {v}",
                 "I am living in {v}", "my house is in {v}", "I grew up in {v}", "I'm based in {v}", "home for me is {v}",
                 "I have a flat in {v}", "my family lives in {v}"),
        nouns=("my home town", "my town", "my city", "the place I live in", "the town I am from"),
        directs=("where do I live", "where am I from", "where am I from", "what is my home town", "which town do I live in", "where is my home",
                 "what city am I from", "which city do I live in", "in which town do I live", "where do I come from",
                 "what town am I from", "which place am I from", "where did I say I live", "what's my city"),
        indirects=("where I live", "where I am from", "which town I live in", "where I come from", "where my home is", "what city I live in"),
        answer="", missing="where you live",
        acks=("I have heard good things about {v}.", "I would love to see {v} one day.", "What a nice place to live.",
              "I hope you like it in {v}.", "So you are from {v}. Good to know.", "Is it nice in {v}?"),
        changes=("I moved to {v}", "I now live in {v}", "I have moved to {v}", "I just moved to {v}")),
    "favourite": Kind(
        clauses=("my favourite {x} is {v}", "my favourite {x} is {v}", "my favorite {x} is {v}", "the {x} I like best is {v}", "the {x} I like most is {v}",
                 "{v} is my favourite {x}", "as for my favourite {x}, it is {v}", "when it comes to {x} I prefer {v}",
                 "the {x} I love most is {v}"),
        nouns=("my favourite {x}", "my favorite {x}", "the {x} I like best"),
        directs=("what is my favourite {x}", "what's my favourite {x}", "what is my favorite {x}", "which {x} do I like best",
                 "which {x} do I like most", "what {x} do I like best", "what was my favourite {x}", "which {x} is my favourite",
                 "what {x} do I love most", "what {x} do I like"),
        indirects=("what my favourite {x} is", "which {x} I like best", "what {x} I like most", "which {x} is my favourite"),
        answer="your favourite {x} is {v}", missing="your favourite {x}",
        acks=("A fine choice.", "I can see why you like {v}.", "Many people like {v}.", "So {v} it is. I will remember that.",
              "That is a lovely {x}.", "Good taste!"),
        changes=("my favourite {x} is now {v}", "I now like {v} best as {x}")),
    "job": Kind(
        clauses=("I am {v}", "I work as {v}", "I work as {v}", "I'm {v}", "I am {v} by profession", "I earn my living as {v}",
                 "I have a job as {v}", "for a living I work as {v}", "at work I am {v}"),
        nouns=("my job", "my profession", "my work"),
        directs=("what is my job", "what's my job", "what do I do for a living", "what do I work as", "what is my profession",
                 "which job do I have", "what work do I do", "what kind of job do I have", "how do I earn my money", "what do I do for work"),
        indirects=("what my job is", "what I do for a living", "what I work as", "what my profession is", "what kind of work I do"),
        answer="you are {v}", missing="your job",
        acks=("That sounds like interesting work.", "It must be exciting to be {v}.", "That is an important job.",
              "So you are {v}. Great!", "I hope you enjoy your work."),
        changes=("I now work as {v}", "I changed my job and I am {v} now")),
    "age": Kind(
        clauses=("I am {v} years old", "I'm {v} years old", "I am {v}", "my age is {v}", "I just turned {v}", "I turned {v} this year", "I'm {v}"),
        nouns=("my age",),
        directs=("how old am I", "how old am I", "what is my age", "what's my age", "what age am I", "how many years old am I",
                 "how old did I say I am"),
        indirects=("how old I am", "what my age is", "what age I am"),
        answer="you are {v} years old", missing="your age",
        acks=("I think {v} is a good age.", "Thank you for telling me your age.", "So you are {v} years old.", "A wonderful age!"),
        changes=("I am really {v} years old", "it was my birthday and I am {v} now")),
    "hobby": Kind(
        clauses=("my hobby is {v}", "my hobby is {v}", "in my free time I enjoy {v}", "I enjoy {v} in my free time", "I love {v}", "I really like {v}",
                 "I spend my weekends with {v}", "my favourite hobby is {v}", "for fun I like {v}", "I am fond of {v}"),
        nouns=("my hobby", "my favourite hobby"),
        directs=("what is my hobby", "what's my hobby", "what do I do in my free time", "what do I like to do for fun",
                 "which hobby do I have", "what do I enjoy in my free time", "how do I spend my free time", "what do I do for fun"),
        indirects=("what my hobby is", "what I do in my free time", "what I do for fun", "which hobby I have"),
        answer="your hobby is {v}", missing="your hobby",
        acks=("That sounds like fun.", "A nice way to spend the time.", "I have heard that {v} is good for you.",
              "How often do you do that?"),
        changes=("my new hobby is {v}", "now my hobby is {v}")),
    "relation": Kind(
        clauses=("my {x} is called {v}", "my {x} is called {v}", "my {x}'s name is {v}", "the name of my {x} is {v}", "I have a {x} called {v}",
                 "I have a {x} named {v}", "my {x} is {v}", "{v} is my {x}", "my {x} goes by {v}", "I call my {x} {v}"),
        nouns=("my {x}'s name", "the name of my {x}"),
        directs=("what is my {x}'s name", "what is my {x}'s name", "what is my {x} called", "what's my {x}'s name", "what is the name of my {x}",
                 "who is my {x}", "how is my {x} called", "what name does my {x} have", "what was my {x}'s name",
                 "what do I call my {x}"),
        indirects=("what my {x} is called", "what my {x}'s name is", "the name of my {x}", "what the name of my {x} is", "what I call my {x}"),
        answer="your {x} is called {v}", missing="your {x}'s name",
        acks=("I like the name {v}.", "Say hello to {v} from me.", "I hope to meet {v} one day.", "What a nice name.",
              "Your {x} {v} sounds nice."),
        changes=("my {x} is really called {v}",)),
}

PETS = Kind(
    clauses=("I have {v}", "I have {v}", "I have {v}", "I own {v}", "I've got {v}", "I keep {v}", "we have {v} at home", "my pets are {v}", "at home I have {v}",
             "I live with {v}", "there are {v} in my house", "my family has {v}", "I look after {v}"),
    nouns=("my pets",),
    directs=("what pets do I have", "which pets do I have", "which animals do I have", "what animals do I have", "what are my pets",
             "how many pets do I have", "what animals live with me"),
    indirects=("what pets I have", "which animals I have", "how many pets I have"),
    answer="you have {v}", missing="about your pets",
    acks=("That must be a lively home.", "How lovely, I like animals.", "You must like animals a lot.",
          "I hope they get along well.", "They must keep you busy."),
    changes=("I now have {v}",))

COUNT_DIRECTS = ("how many {x} do I have", "how many {x} do I have", "how many {x} do I have", "how many {x} have I got", "how many {x} do I own", "how many {x} are there at my home",
                 "what number of {x} do I have", "how many {x} live with me", "how many {x} did I say I have")
COUNT_INDIRECTS = ("how many {x} I have", "how many {x} I own", "the number of {x} I have")

NOTED = ("I will remember that.", "Thank you for telling me.", "Got it.", "Noted.", "Good to know.", "Thanks, I will keep that in mind.",
         "All right, I will remember it.", "Okay, I have got that.")


@dataclass
class Fact:
    """A stated fact: its kind, its values, and how its answer is judged."""

    key: str                    # one value per key: a later statement replaces an earlier one
    kind: Kind
    values: dict
    keywords: list              # each inner list: any of these; all inner lists must be found
    unseen: bool = False        # the value is a name or a town that training never showed
    pets: list = field(default_factory=list)  # [(count as said, kind)] for the pets fact

    def says(self, phrase):
        return phrase.format(**self.values)


def plural(count, kind):
    return kind if count in ("1", "one", "a") else PET_KINDS[kind]


def joined(parts):
    """a; a and b; a, b and c"""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def pets_text(pets):
    return joined([f"{count} {plural(count, kind)}" for count, kind in pets])


def count_keywords(count, kind):
    """The count as digit or word (3 / three), and the animal in either number."""
    if count == "a":
        count = "one"
    number = int(count) if count.isdigit() else COUNT_WORDS.index(count)
    return [[str(number), COUNT_WORDS[number]] + (["a"] if number == 1 else []), [kind, PET_KINDS[kind]]]


class FactMaker:
    """Draws facts; `key` fixes which, so that a correction gets a new value for the same key."""

    def __init__(self, rng, names, key_shares):
        self.rng, self.names, self.key_shares = rng, names, key_shares

    def draw_key(self):
        """Which fact to state."""
        pick = self.rng.random()
        kind = next(kind for kind, share in self.key_shares.items() if pick < share)
        if kind == "favourite":
            return "favourite:" + self.rng.choice(["colour", "colour", "food", *FAVOURITES])
        if kind == "relation":
            return "relation:" + self.rng.choice(PEOPLE if self.rng.random() < 0.75 else NAMED_PETS)
        return kind

    def make(self, key, full_name=None):
        if key == "pets":
            return self.pets()
        kind, _, about = key.partition(":")
        value, unseen = self.value(kind, about, full_name)
        values = {"v": value, "x": about, "f": value.split(" ")[0]}
        return Fact(key, KINDS[kind], values, [[bare(value)]], unseen)

    def value(self, kind, about, full_name):
        choice, names = self.rng.choice, self.names
        if kind == "name":
            wants_full = self.rng.random() < 0.25 if full_name is None else full_name
            return (names.full() if wants_full else names.first()), names.unseen
        if kind == "town":
            return names.town(), names.unseen
        if kind == "relation":
            return (names.pet() if about in NAMED_PETS else names.first()), names.unseen
        if kind == "favourite":
            return choice(FAVOURITES[about]), False
        if kind == "job":
            return choice(JOBS), False
        if kind == "age":
            return str(self.rng.randint(7, 95)), False
        return choice(HOBBIES), False

    def pets(self, kinds=None):
        rng = self.rng
        if kinds is None:
            common = ["dog", "cat", "dog", "cat", "fish", "rabbit", "bird", "horse", *PET_KINDS]
            kinds = list(dict.fromkeys(rng.choice(common) for _ in range(rng.choice((1, 1, 2, 2, 2)))))
        digits = rng.random() < 0.5
        pets = []
        for kind in kinds:
            number = rng.choice((1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12))
            if number == 1 and not digits and rng.random() < 0.6:
                pets.append(("a", kind))
            else:
                pets.append((str(number) if digits else COUNT_WORDS[number], kind))
        keywords = [words for count, kind in pets for words in count_keywords(count, kind)]
        return Fact("pets", PETS, {"v": pets_text(pets), "x": "", "f": ""}, keywords, False, pets)


def bare(value):
    """A value without its article, for keywords."""
    for article in ("a ", "an ", "the "):
        if value.startswith(article):
            return value[len(article):]
    return value
