"""Recall measured by transformers: each dialogue is really held, turn by turn, and its questions are judged by keywords.

The history is the model's own: every earlier assistant turn is the answer it generated, not the reference.
"""

import re

import torch

QUESTION_TOKENS = 40  # an answer to a question of fact
TALK_TOKENS = 80      # any other answer, so that a story is not cut


def judge(answer, keywords):
    """Whether every group of keywords has one that stands in the answer as whole words."""
    text = answer.lower().replace("\u2019", "'")
    return all(any(re.search(rf"(?<!\w){re.escape(word.lower())}(?!\w)", text) for word in group) for group in keywords)


class Held:
    """One dialogue in progress: the messages so far and the user turns to come."""

    def __init__(self, record):
        self.record = record
        self.questions = {question["turn"]: question for question in record["questions"]}
        self.messages = []

    def next_user_turn(self):
        """Appends the messages up to and with the next user turn; False at the end."""
        rest = self.record["messages"][len(self.messages):]
        for message in rest:
            if message["role"] == "assistant":
                return False
            self.messages.append(message)
            if message["role"] == "user":
                return True
        return False

    def turn(self):
        return len(self.messages) - 1

    def is_question(self):
        return self.turn() in self.questions

    def answer(self, text):
        self.messages.append({"role": "assistant", "content": text})


def hold(model, tokenizer, records, batch=64):
    """Holds all dialogues side by side; (record, question, answer) for every question."""
    held = [Held(record) for record in records]
    answers = []
    while True:
        waiting = [dialogue for dialogue in held if dialogue.next_user_turn()]
        if not waiting:
            return answers
        waiting.sort(key=lambda dialogue: sum(len(message["content"]) for message in dialogue.messages))
        asked = [dialogue for dialogue in waiting if dialogue.is_question()]
        other = [dialogue for dialogue in waiting if not dialogue.is_question()]
        for questions, group in ((True, asked), (False, other)):
            for at in range(0, len(group), batch):
                part = group[at:at + batch]
                texts = generate(model, tokenizer, [dialogue.messages for dialogue in part], QUESTION_TOKENS if questions else TALK_TOKENS)
                for dialogue, text in zip(part, texts):
                    if questions:
                        answers.append((dialogue.record, dialogue.questions[dialogue.turn()], text))
                    dialogue.answer(text)


def generate(model, tokenizer, conversations, limit):
    """Greedy answers; prompts are made by the model's own chat template and padded on the left."""
    prompts = [tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True) for messages in conversations]
    room = model.config.n_positions - limit
    inputs = tokenizer(prompts, return_tensors="pt", padding=True, padding_side="left", add_special_tokens=False)
    if inputs["input_ids"].shape[1] > room:  # cannot happen for dialogues of at most 480 tokens answered as expected
        inputs = {name: value[:, -room:] for name, value in inputs.items()}
    with torch.inference_mode():
        output = model.generate(**inputs, do_sample=False, max_new_tokens=limit, eos_token_id=tokenizer.eos_token_id,
                                pad_token_id=tokenizer.pad_token_id)
    return tokenizer.batch_decode(output[:, inputs["input_ids"].shape[1]:], skip_special_tokens=True)


def scores(answers):
    """Shares of right answers: of all, of unseen and seen names, and by what was asked."""
    groups = {"all questions": [], "names and towns never seen": [], "everything else": []}
    for _, question, text in answers:
        right = judge(text, question["keywords"])
        groups["all questions"].append(right)
        groups["names and towns never seen" if question["unseen_name"] else "everything else"].append(right)
        for key in question.get("asks", []):
            groups.setdefault("  " + ("never told" if key.startswith("missing") else key.split(":")[0]), []).append(right)
        if "distance" in question and question["distance"]:
            groups.setdefault(f"  asked {min(question['distance'], 7)}{'+' if question['distance'] > 6 else ''} turns later", []).append(right)
    return {name: (sum(values), len(values)) for name, values in groups.items() if values}
