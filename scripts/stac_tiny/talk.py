"""Small talk, general knowledge, sums and stories: what dialogues wander off to."""

# country: capital, landmark
WORLD = {"France": ("Paris", "the Eiffel Tower"), "Italy": ("Rome", "the Colosseum"), "Germany": ("Berlin", "the Brandenburg Gate"),
         "Spain": ("Madrid", "the Royal Palace"), "England": ("London", "Big Ben"), "Greece": ("Athens", "the Acropolis"),
         "Egypt": ("Cairo", "the pyramids"), "Japan": ("Tokyo", "the Tokyo Tower"), "China": ("Beijing", "the Forbidden City"),
         "Russia": ("Moscow", "the Red Square"), "Austria": ("Vienna", "the Hofburg"), "Portugal": ("Lisbon", "the Belem Tower"),
         "Poland": ("Warsaw", "the Old Town"), "Norway": ("Oslo", "the Opera House"), "Sweden": ("Stockholm", "the Vasa Museum"),
         "Denmark": ("Copenhagen", "the Little Mermaid"), "Finland": ("Helsinki", "the White Cathedral"), "Ireland": ("Dublin", "Trinity College"),
         "Belgium": ("Brussels", "the Atomium"), "Hungary": ("Budapest", "the Chain Bridge"), "Turkey": ("Ankara", "the Citadel"),
         "India": ("New Delhi", "the India Gate"), "Canada": ("Ottawa", "Parliament Hill"), "Peru": ("Lima", "the Plaza Mayor"),
         "Kenya": ("Nairobi", "the National Park"), "Cuba": ("Havana", "the Malecon"), "Scotland": ("Edinburgh", "the Castle"),
         "Thailand": ("Bangkok", "the Grand Palace")}

LANDMARK_QUESTIONS = ("Name a famous landmark in {city}.", "What is a famous landmark in {city}?", "What can I see in {city}?",
                      "Which landmark is {city} famous for?", "Tell me a famous landmark there.", "What famous landmark is there?",
                      "What is a famous landmark there?", "Can you name a famous landmark in {city}?", "What is {city} famous for?",
                      "What is a famous landmark in that city?", "Which famous landmark is there?")
CAPITAL_QUESTIONS = ("What is the capital of {land}?", "What is the capital of {land}?", "What's the capital of {land}?", "Which city is the capital of {land}?",
                     "Do you know the capital of {land}?", "Tell me the capital of {land}.", "Can you tell me the capital of {land}?",
                     "What is the capital city of {land}?")

SMALL_TALK = (
    (("How are you?", "How are you today?", "How do you do?", "How is it going?", "Are you well?"),
     ("I am fine, thank you. How are you?", "I am very well, thank you.", "Very well, thank you for asking.")),
    (("What is your name?", "Who are you?", "What are you?", "What's your name?", "What are you called?", "Do you have a name?"),
     ("My name is Stac. I am a small spiking language model.",)),
    (("Are you a robot?", "Are you a human?", "Are you real?", "Are you a person?"),
     ("I am a small language model that speaks in spikes.",)),
    (("What can you do?", "How can you help me?", "What are you good at?", "What do you do?"),
     ("I can chat, remember what you tell me and tell short stories.",)),
    (("What is your favourite colour?", "What do you like?", "Do you have a favourite food?", "What is your favourite animal?"),
     ("I am a model, so I have no favourite. Tell me yours!",)),
    (("How old are you?", "What is your age?", "When were you born?"), ("I am a model, so I have no age.",)),
    (("Where do you live?", "Where are you from?", "Where are you?"), ("I live inside a computer.",)),
    (("Do you have any pets?", "Do you have a dog?", "Do you have friends?"), ("No, I am only a model.",)),
    (("It is raining today.", "The weather is bad.", "It rains a lot here.", "It is cold today."),
     ("Then it is a good day to stay inside.", "Take an umbrella with you.", "I hope the sun comes out soon.")),
    (("The weather is lovely today.", "The sun is shining.", "It is a beautiful day.", "What a nice day!"),
     ("That is good to hear. Enjoy the sun!", "A good day for a walk.", "How nice! Go outside and enjoy it.")),
    (("I am a bit tired today.", "I am tired.", "I did not sleep well.", "I feel sleepy."),
     ("You should rest a little.", "I hope you feel better soon.", "Try to go to bed early tonight.")),
    (("I am happy today.", "I had a good day.", "Today was a great day.", "I feel great."),
     ("I am glad to hear that.", "That is wonderful!", "How nice to hear.")),
    (("I feel sad today.", "I had a bad day.", "I am sad.", "Today was hard."),
     ("I am sorry to hear that.", "I hope tomorrow will be better.", "Tell me more, I am listening.")),
    (("I am hungry.", "I have not eaten yet.", "I want to eat something.", "What should I eat?"),
     ("Maybe you could make some soup.", "How about an apple?", "A sandwich is quick to make.")),
    (("I am bored.", "What should I do today?", "I do not know what to do.", "Give me an idea."),
     ("You could read a good book.", "You could go for a walk.", "How about a story?")),
    (("Thank you.", "Thanks!", "Thanks a lot.", "Thank you very much.", "That is very kind."),
     ("You are welcome.", "You are welcome!", "I am happy to help.")),
    (("That is right.", "Correct!", "Very good.", "Well done!", "Yes, that is right.", "Exactly."),
     ("I am glad I got it right.", "Thank you!", "Great!")),
    (("Hello!", "Hi!", "Hi there!", "Good morning!", "Hey!", "Good evening!", "Hello there.", "Good day!"),
     ("Hello! How can I help you?", "Hi! What is on your mind?", "Hello! Nice to see you.")),
    (("Can you help me?", "I need some help.", "May I ask you something?", "I have a question.", "Can I ask you something?"),
     ("Of course, go ahead.", "Sure, what is it?", "Of course. What would you like to know?")),
    (("Tell me a joke.", "Do you know a joke?", "Make me laugh.", "Say something funny."),
     ("Why did the chicken cross the road? To get to the other side!", "What has four legs and cannot walk? A table!",
      "What is brown and sticky? A stick!")),
    (("Let's talk about something else.", "Let us change the topic.", "Enough of that.", "Let's talk."),
     ("Sure, what would you like to talk about?", "Of course. What is on your mind?")),
    (("What day is it today?", "What time is it?", "What is the date?", "Do you know the time?"),
     ("I am sorry, I have no clock.",)),
    (("Do you like music?", "Can you sing?", "Do you like books?", "Can you read?"),
     ("I like words most of all.", "I only know words, but I like them.")),
    (("I went shopping today.", "I was at the market.", "I bought some bread.", "I went to the shop."),
     ("Did you find what you wanted?", "I hope you found something nice.")),
    (("I am reading a book.", "I read a good book.", "I watched a film yesterday.", "I saw a good film."),
     ("What was it about?", "Did you like it?", "That sounds nice.")),
    (("I have to go to work now.", "I have a lot of work.", "Work was long today.", "I am busy today."),
     ("I hope it goes well.", "Do not forget to take a break.", "Then I will be quick.")),
    (("What colour is the sky?", "Why is the sky blue?"), ("The sky is blue.",)),
    (("What colour is grass?", "What is the colour of grass?"), ("Grass is green.",)),
    (("How many days are in a week?", "How many days does a week have?"), ("A week has seven days.",)),
    (("How many legs does a dog have?", "How many legs does a cat have?"), ("It has four legs.",)),
    (("What do cows eat?", "What do horses eat?"), ("They eat grass.",)),
    (("What does a cat say?", "What sound does a cat make?"), ("A cat says meow.",)),
    (("What does a dog say?", "What sound does a dog make?"), ("A dog says woof.",)),
    (("Do you remember everything?", "Is your memory good?", "Are you listening?", "Do you remember me?"),
     ("I remember what you tell me in this chat.",)),
    (("I see.", "Okay.", "All right.", "Interesting.", "Good.", "Fine.", "Cool."),
     ("What else would you like to know?", "What would you like to talk about?", "Tell me more.")),
)

CREATURES = "dog cat fox bear rabbit bird mouse frog duck horse dragon turtle bee owl pig girl boy king robot fish".split()
PLACES = "in a big forest;by the sea;on a hill;in a small house;near a river;in a garden;under an old tree;on a farm".split(";")
FINDS = "a shiny stone;a red ball;a lost key;a big cake;a little boat;a golden leaf;an old map;a warm hat".split(";")
ENDS = ("They shared it and were happy.", "From that day on they were best friends.", "Then they went home and slept well.",
        "They laughed and played until night.", "Everyone was glad and the day was good.")
STORY_REQUESTS = ("Tell me a story.", "Can you tell me a story?", "Please tell me a short story.", "I would like to hear a story.",
                  "Do you know a story?")
STORY_REQUESTS_ABOUT = ("Tell me a story about a {c}.", "Can you tell me a story about a {c}?", "I want a story about a {c}.",
                        "Please tell me a short story about a {c}.")

BYES = (("Goodbye!", "Bye!", "See you later.", "I have to go now. Goodbye!", "Good night!", "See you soon!"),
        ("Goodbye! Have a nice day.", "Goodbye, it was nice talking to you.", "See you soon!"))


def small_talk(rng):
    asked, answered = rng.choice(SMALL_TALK)
    return [(rng.choice(asked), rng.choice(answered))]


def capital(rng):
    """A question about a real capital, sometimes with its landmark; or the user says the capital first."""
    land = rng.choice(list(WORLD)) if rng.random() < 0.85 else "France"
    city, landmark = WORLD[land]
    answer = (rng.choice(CAPITAL_QUESTIONS).format(land=land), f"The capital of {land} is {city}.")
    sight = (rng.choice(LANDMARK_QUESTIONS).format(city=city), f"A famous landmark in {city} is {landmark}.")
    if rng.random() < 0.35:
        said = (f"The capital of {land} is {city}.", f"Yes, {city} is the capital of {land}.")
        again = (rng.choice(("What is its capital?", "So what is the capital?", "What is the capital of that country?", answer[0])), answer[1])
        return [said, again, sight] if rng.random() < 0.7 else [said, sight]
    return [answer, sight] if rng.random() < 0.4 else [answer]


def small_sum(rng):
    a, b = rng.randint(1, 10), rng.randint(1, 10)
    word, result = rng.choice((("plus", a + b), ("plus", a + b), ("minus", a - b), ("times", a * b)))
    if result < 0:
        a, b, result = b, a, -result
    asked = rng.choice(("What is {s}?", "What's {s}?", "How much is {s}?", "Can you tell me what {s} is?", "Calculate {s}."))
    text = f"{a} {word} {b}"
    return [(asked.format(s=text), f"{text.capitalize()} is {result}.")]


def story(rng, names):
    """A request and a story of four sentences, with a made-up hero."""
    hero, friend = rng.choice(CREATURES), rng.choice(CREATURES)
    if rng.random() < 0.5:
        asked = rng.choice(STORY_REQUESTS_ABOUT).format(c=hero)
    else:
        asked = rng.choice(STORY_REQUESTS)
    name = names.first()
    return [(asked, f"Once upon a time a {hero} called {name} lived {rng.choice(PLACES)}. One day {name} found "
                    f"{rng.choice(FINDS)}. A {friend} came by and wanted to see it. {rng.choice(ENDS)}")]


def wander(rng, names):
    """One to three exchanges away from the facts."""
    pick = rng.random()
    if pick < 0.62:
        return small_talk(rng)
    if pick < 0.80:
        return capital(rng)
    if pick < 0.92:
        return small_sum(rng)
    return story(rng, names)


__all__ = ["wander", "small_talk", "capital", "small_sum", "story", "BYES", "WORLD"]
