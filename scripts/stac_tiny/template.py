"""The chat template: its Jinja text, and the same in Python for generated dialogues."""

END_OF_TEXT, START, END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
SPECIALS = [END_OF_TEXT, START, END]

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def render(messages, add_generation_prompt=False):
    text = "".join(f"{START}{message['role']}\n{message['content']}{END}\n" for message in messages)
    return text + f"{START}assistant\n" if add_generation_prompt else text
