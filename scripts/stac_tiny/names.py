"""Names of people, towns and pets: real lists beside an open-ended generator made of syllables.

The generator matters: with a fixed list of names a small model learns the list, with names that never end it has
to learn to copy.
"""

from .split import word_held_out

FIRST = """Alice Bob Charlie Diana Edward Fiona George Hannah Ian Julia Kevin Laura Martin Nina Oscar Paula Quentin Rachel
Samuel Teresa Victor Wendy Xavier Yvonne Zachary Aisha Ahmed Bianca Carlos Chloe Daniel Elena Emma Fatima Felix Gabriel
Greta Henry Ingrid Isabel Ivan Jack James Jane Jasmine Jorge Karen Kenji Leila Leo Liam Linda Lucas Lucia Maria Marta
Matteo Maya Michael Miguel Mohammed Nadia Natalia Nathan Nikolai Noah Olga Oliver Olivia Omar Patrick Pedro Peter Petra
Priya Rahul Raj Rebecca Ricardo Robert Rosa Sandra Sarah Sebastian Simon Sofia Sophie Stefan Susan Tara Thomas Tomas
Valentina Vera Viktor William Yasmin Yuki Yusuf Zara Adam Agnes Albert Amanda Amir Andrea Angela Anton Arthur Astrid
Beatrice Benjamin Bruno Camille Cecilia Clara Claudia Damian David Deepak Dmitri Dominic Elias Elisa Eric Erika Esther
Ethan Eva Florian Francesca Frank Gloria Gustav Harold Heidi Helena Hugo Igor Irene Jakob Jennifer Jessica Joanna Johan
Jonas Joseph Judith Karim Katrin Kofi Kwame Lars Lena Louis Magnus Malik Margaret Marcus Marco Melissa Mina Mira Monica
Naomi Nora Otto Pablo Philip Pierre Ravi Renata Rita Roland Ruth Salma Selma Sergei Sven Tamara Tariq Theo Tobias Ulrich
Ursula Vivian Walter Wei Zoe Akira Anika Arjun Carmen Chen Diego Emilia Farah Hassan Imani Jin Kavya Lina Mei Nikhil Rohan
Sanjay Stella Tanya Uma Vanessa Xin Yan Zainab""".split()

LAST = """Smith Jones Brown Taylor Wilson Johnson Miller Davis Garcia Rodriguez Martinez Lopez Gonzalez Perez Anderson Thomas
Jackson Martin Lee Thompson Harris Clark Lewis Robinson Walker Allen King Wright Scott Torres Nguyen Hill Adams Nelson
Baker Hall Rivera Campbell Mitchell Carter Roberts Schmidt Weber Fischer Meyer Wagner Becker Hoffmann Rossi Russo Ferrari
Bianchi Romano Silva Santos Oliveira Pereira Costa Ivanov Petrov Novak Kowalski Nielsen Hansen Larsen Johansson Andersson
Dubois Durand Moreau Laurent Lefebvre Tanaka Suzuki Sato Watanabe Kim Park Choi Wang Li Zhang Liu Patel Singh Kumar Shah
Khan Ali Hussain Okafor Mensah Diallo Cohen Levi Murphy Kelly Byrne Walsh Fraser Stewart""".split()

TOWNS = """New York;London;Chicago;Boston;Seattle;Denver;Houston;Dallas;Miami;Atlanta;Portland;Los Angeles;San Francisco;
San Diego;Las Vegas;Toronto;Montreal;Vancouver;Sydney;Melbourne;Brisbane;Perth;Auckland;Dublin;Glasgow;Edinburgh;
Manchester;Liverpool;Bristol;Leeds;Cambridge;Oxford;Munich;Hamburg;Cologne;Frankfurt;Stuttgart;Leipzig;Dresden;Zurich;
Geneva;Basel;Lyon;Marseille;Nice;Toulouse;Bordeaux;Milan;Naples;Turin;Venice;Florence;Bologna;Barcelona;Seville;Valencia;
Bilbao;Porto;Rotterdam;Antwerp;Ghent;Krakow;Gdansk;Gothenburg;Bergen;Tampere;Istanbul;Izmir;Mumbai;Delhi;Bangalore;Chennai;
Kolkata;Pune;Shanghai;Shenzhen;Hong Kong;Osaka;Kyoto;Nagoya;Seoul;Busan;Singapore;Jakarta;Karachi;Lahore;Dubai;Lagos;Accra;
Nairobi;Cape Town;Johannesburg;Casablanca;Sao Paulo;Rio de Janeiro;Recife;Medellin;Guadalajara;Monterrey;Philadelphia;
Phoenix;Detroit;Austin;Memphis;Nashville;Salt Lake City;Kansas City;New Orleans;Santa Fe;Buffalo;Cleveland;Pittsburgh"""
TOWNS = [town.strip() for town in TOWNS.split(";")]

PETS = "Rex Fluffy Max Bella Whiskers Buddy Luna Rocky Coco Misty Bruno Pepper Biscuit Daisy Milo Simba Nala Toby Ziggy".split()

# Made-up names are put together from these: pieces that a tokenizer can learn as wholes, as it does those of real names.
SYLLABLES = """ka ma ra la na ta sa da ba fa ga ha ja pa va wa za be le re ne te se me de fe he pe ve ki li ri ni ti si mi di bi
fi gi pi vi wi ko lo ro no to so mo do bo go ho jo po vo zo ku lu ru nu tu su mu du bra dra tra kra gra bel del mel nel kal mal
sal tal val bar dar kar mar tar kor mor tor nor lin min rin tin sol dol mon ron""".split()
PERSON_END = "na ra la ne lin ric sin den ton mar vin ta bel nor rik lia mo san dra".split()
FAMILY_END = "son sen man well ton ford wood ley ski berg ner dez ran vik".split()
TOWN_END = "ton ville burg ford ham by stad dorf mouth port field wick grad pol heim bury haven dale vik gate bridge".split()
TOWN_FRONT = "New Port San Santa Lake North Old Fort Saint East Upper West South Mount Little Great".split()

# A few names in training are made of letters instead: whoever copies those can copy anything.
ONSETS = "b c d f g h j k l m n p r s t v w y z br cr dr fr gr kr pr tr bl cl fl gl pl sl st sk sp sw th sh ch kh tw qu".split()
VOWELS = "a e i o u a e i o u ia ei au ou ea ee oo ai io y".split()
CODAS = "n r l s m t k d nd rt lk st nt x ck rd ss sh th ng b g p z".split()


def _made(rng, endings):
    """Two syllables, or one or two and an ending."""
    syllables = [rng.choice(SYLLABLES) for _ in range(rng.choice((1, 1, 2)))]
    if len(syllables) == 1 or rng.random() < 0.3:
        syllables.append(rng.choice(endings))
    return "".join(syllables).capitalize()


def _spelled(rng):
    """Two or three syllables of any letters."""
    choice, chance = rng.choice, rng.random
    parts = [choice(ONSETS) + choice(VOWELS) + (choice(CODAS) if chance() < 0.4 else "") for _ in range(choice((2, 2, 3)))]
    return "".join(parts).capitalize()


class Names:
    """Draws names of one side of the split; `avoid` are words that a name must not be, `spelled` the share of names of
    any letters."""

    def __init__(self, rng, unseen, avoid=frozenset(), spelled=0.0):
        self.rng, self.unseen, self.avoid, self.spelled = rng, unseen, avoid, spelled

    def _draw(self, real, real_share, make):
        while True:
            if real and self.rng.random() < real_share:
                name = self.rng.choice(real)
            else:
                name = _spelled(self.rng) if self.rng.random() < self.spelled else make()
            if word_held_out(name) == self.unseen and name.lower() not in self.avoid:
                return name

    def first(self):
        return self._draw(FIRST, 0.2, lambda: _made(self.rng, PERSON_END))

    def last(self):
        return self._draw(LAST, 0.2, lambda: _made(self.rng, FAMILY_END))

    def full(self):
        return f"{self.first()} {self.last()}"

    def town(self):
        return self._draw(TOWNS, 0.2, self._made_town)

    def _made_town(self):
        town = _made(self.rng, TOWN_END)
        return f"{self.rng.choice(TOWN_FRONT)} {town}" if self.rng.random() < 0.15 else town

    def pet(self):
        return self._draw(PETS, 0.2, lambda: _made(self.rng, PERSON_END))
