"""Dialogues as JSON records, the format of configs/dialogues/*.jsonl (configs/dialogues/README.md)."""

import json


def record_of(dialogue):
    """Messages with reference answers, questions with keywords, and the turns that state facts."""
    return {
        "messages": dialogue.messages(),
        "questions": dialogue.questions(),
        "facts": [{"turn": turn, "values": values} for turn, values in fact_turns(dialogue)],
    }


def fact_turns(dialogue):
    first = 1 if dialogue.system else 0
    return [(first + 2 * index, [fact.values["v"] for fact in exchange.facts])
            for index, exchange in enumerate(dialogue.exchanges) if exchange.facts]


def write_jsonl(path, records):
    with open(path, "w", encoding="utf-8") as out:
        for record in records:
            out.write(json.dumps(record, ensure_ascii=False) + "\n")
