"""Chat templates of the common shapes, in our own wording, and conversations to render with them."""

from text_goldens.families import FAMILIES
from text_goldens.jinja_features import FAILURES, FEATURES

CHATML = """{% if messages[0]['role'] != 'system' %}
{{- '<|im_start|>system\\nYou answer briefly.<|im_end|>\\n' }}
{% endif %}
{% for m in messages %}
    {{- '<|im_start|>' ~ m.role ~ '\\n' ~ (m.content | trim) ~ '<|im_end|>' }}
{{ '' }}
{% endfor %}
{% if add_generation_prompt %}
{{ '<|im_start|>assistant' }}
{% endif %}
"""

CHATML_ONE_LINE = (
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)

LLAMA2 = """{%- if messages and messages[0].role == 'system' -%}
    {%- set rules = messages[0].content -%}
    {%- set turns = messages[1:] -%}
{%- else -%}
    {%- set rules = none -%}
    {%- set turns = messages -%}
{%- endif -%}
{%- for turn in turns -%}
    {%- if (turn.role == 'user') != (loop.index0 % 2 == 0) -%}
        {{- raise_exception('turns must alternate, the user first') -}}
    {%- endif -%}
    {%- if loop.first and rules is not none -%}
        {%- set text = '<<SYS>>\\n' + rules + '\\n<</SYS>>\\n\\n' + turn.content -%}
    {%- else -%}
        {%- set text = turn.content -%}
    {%- endif -%}
    {%- if turn.role == 'user' -%}
        {{- bos_token + '[INST] ' + text.strip() + ' [/INST]' -}}
    {%- elif turn.role == 'assistant' -%}
        {{- ' ' + text.strip() + ' ' + eos_token -}}
    {%- endif -%}
{%- endfor -%}"""

ZEPHYR = """{% for entry in messages %}
{% if entry['role'] == 'user' %}
{{ '<|user|>\n' + entry['content'] + eos_token }}
{% elif entry['role'] == 'system' %}
{{ '<|system|>\n' + entry['content'] + eos_token }}
{% elif entry['role'] == 'assistant' %}
{{ '<|assistant|>\n' + entry['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}"""

MISTRAL = """{%- set state = namespace(expects='user', n=0) -%}
{{ bos_token }}
{%- for m in messages if m.role != 'system' %}
    {%- if m.role != state.expects %}
        {{- raise_exception('Roles have to take turns: expected ' ~ state.expects ~ ' at ' ~ loop.index) }}
    {%- endif %}
    {%- set state.n = state.n + 1 %}
    {%- set state.expects = 'assistant' if state.expects == 'user' else 'user' %}
    {%- if m.role == 'user' %}
        {%- if loop.last and messages | selectattr('role', 'equalto', 'system') | list | length > 0 %}
            {{- '[INST] ' + (messages | selectattr('role', 'equalto', 'system') | map(attribute='content') | join('\\n')) }}
            {{- '\\n\\n' + m.content + '[/INST]' }}
        {%- else %}
            {{- '[INST] ' + m.content + '[/INST]' }}
        {%- endif %}
    {%- else %}
        {{- ' ' + m.content + eos_token }}
    {%- endif %}
{%- endfor %}"""

USER = {"role": "user", "content": "  Where is the lantern?\n"}
ANSWER = {"role": "assistant", "content": "In the kitchen."}
SYSTEM = {"role": "system", "content": "Be kind, and say \u201cplease\u201d."}
AGAIN = {"role": "user", "content": "Gr\u00fc\u00dfe \U0001f600 {{ not a tag }}"}
CONVERSATIONS = [[USER], [SYSTEM, USER], [USER, ANSWER, AGAIN], [SYSTEM, USER, ANSWER, AGAIN], [ANSWER], [USER, USER]]

# Features one by one, each on a short conversation.
SNIPPETS = [
    "{{ messages | length }} {{ messages[-1]['content'] | upper }} {{ messages[0].content[2:7] }} {{ 'abc'[::-1] }}",
    "{% for i in range(3) %}{{ i }}{% if not loop.last %}, {% endif %}{% endfor %}",
    "{% for i in [3, 1, 2] | sort(reverse=true) %}{{ loop.index }}:{{ i }}/{{ loop.revindex }} {% endfor %}",
    "{% for i in [] %}x{% else %}nothing{% endfor %}",
    "{{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** 10 }} {{ 1.0 }} {{ 1e20 }} {{ 0.1 + 0.2 }}",
    "{{ none }} {{ true }} {{ [1, 'a', none, 2.5] }} {{ {'k': 'v', 'n': [1]} }} {{ (1,) }} {{ \"it's\" }} {{ [\"it's\"] }}",
    "{{ missing }}|{{ missing is defined }}|{{ missing | default('d') }}|{{ '' | default('e', true) }}",
    "{{ 'a' in 'cat' }} {{ 'x' not in ['y'] }} {{ 'k' in {'k': 1} }} {{ 1 < 2 < 3 }} {{ 1 == 1.0 }} {{ not 1 == 2 }}",
    "{{ 'a,b,c'.split(',') }} {{ '  x y  '.split() }} {{ 'xax'.strip('x') }} {{ 'a-b'.replace('-', '+') }} {{ 'Ab'.lower() }}",
    "{{ 'abc'.startswith('ab') }} {{ 'abc'.endswith(('x', 'c')) }} {{ 'hello world'.title() }} {{ 'hELLO'.capitalize() }}",
    "{% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}={{ v }};{% endfor %}{{ {'a': 1}.get('z', 9) }}{{ {'a': 1}.get('z') }}",
    "{{ {'b': [1, 'x\"y', none, true], 'a': 'gr\u00fc\u00df'} | tojson }} {{ [] | tojson(indent=2) }} {{ {'a': [1]} | tojson(indent=2) }}",
    "{% set x = 1 %}{% for i in range(2) %}{% set x = x + 1 %}{{ x }}{% endfor %}{{ x }}",
    "{% set ns = namespace(a=1) %}{% for i in range(3) %}{% set ns.a = ns.a * 2 %}{% endfor %}{{ ns.a }}",
    "{% macro greet(name, mark='!') %}Hi {{ name }}{{ mark }}{% endmacro %}{{ greet('Mira') }} {{ greet('Bo', mark='?') }}",
    "{% set block %}a {{ 1 + 1 }}{% endset %}[{{ block }}] {{ block | length }}",
    "{% raw %}{{ left }} {% alone %}{% endraw %} {# unseen #}end",
    "a\n    {% if true %}\n  b\n    {% endif %}\nc\n  {{ 'd' }}  \n{%+ if true %} e {% endif +%}\nf",
    "  {#- c -#}  x {%- if true -%}  y  {%- endif -%}  z  \n\n",
    "{{ messages[0].content is string }} {{ messages is mapping }} {{ messages[0] is mapping }} {{ 3 is odd }} {{ 4 is divisibleby 2 }}",
    "{{ ['a', 'b'] | join(', ') }} {{ 'abc' | first }} {{ [1, 2] | last }} {{ 'x' ~ 1 ~ none }} {{ '%s' }} {{ [1] + [2] }} {{ 'ab' * 2 }}",
    "{{ 'yes' if messages else 'no' }} {{ 'shown' if false }}. {{ (1 if false else 2) + 1 }}",
    "{% for m in messages %}{% if loop.index0 == 1 %}{% continue %}{% endif %}{{ m.role }}{% if loop.index == 3 %}{% break %}{% endif %}{% endfor %}",
    "{{ 'h\\u00e9\\n\\x41' | length }} {{ 'stra\u00dfe' | upper }} {{ '\U0001f600x'[0] }} {{ 'a' 'b' }}",
    "{% generation %}{{ messages[0].role }}{% endgeneration %} {{ tools is none }} {{ documents }}",
    "{% for a, b in [[1, 2], [3, 4]] %}{{ a * b }} {% endfor %}{% set c, d = 5, 6 %}{{ c }}{{ d }} {{ loop is defined }}",
    "{{ 'a b'|title|replace('A', 'x')|trim }} {{ -3|abs }} {{ '3'|int + 1 }} {{ 'z'|int }} {{ [3,1]|min }} {{ [1,2]|sum }} {{ 'ab'|list }}",
    "{{ bos_token is defined }} {{ pad_token is defined }} {{ bos_token }}{{ messages[0]['absent'] is defined }}",
    "{% for x in [1, 1, 2] %}{{ loop.changed(x) }} {{ loop.cycle('a', 'b') }} {{ loop.previtem }} {{ loop.nextitem }};{% endfor %}",
    "{{ messages | map(attribute='role') | unique | list }} {{ messages | rejectattr('role', 'eq', 'user') | list | length }}",
]

ERRORS = [
    "{{ raise_exception('I will not ' ~ messages[0].role) }}",
    "{{ missing.attribute }}",
    "{{ missing + 1 }}",
    "{{ 'a' + 1 }}",
    "{{ 1 / 0 }}",
    "{{ 'a' | no_such_filter }}",
    "{{ 1 is no_such_test }}",
    "{{ 'a' < 1 }}",
    "{{ messages() }}",
    "{% if true %}unclosed",
    "{% for x in [1] %}{% endif %}",
    "{{ 1 + }}",
    "{{ 'open }}",
    "{% nonsense %}",
    "{{ messages[0].content.no_method() }}",
    "{% set messages.x = 1 %}",
    "{{ [1, 2 }}",
    "{# never closed",
    "{% for a, b in [[1]] %}{% endfor %}",
    "{{ messages[0].n[1:] }}",
]


def cases():
    shapes = [CHATML, CHATML_ONE_LINE, LLAMA2, ZEPHYR, MISTRAL, *FAMILIES]
    for number, template in enumerate(shapes):
        for turn, conversation in enumerate(CONVERSATIONS):
            yield case(template, conversation, (number + turn) % 2 == 0)
    for template in FAMILIES:  # most have no use for BOS or EOS; where one is joined to a string, that fails
        yield case(template, [USER, ANSWER, AGAIN], True, bos_token=None, eos_token=None)
    for template in SNIPPETS + FEATURES:
        yield case(template, [SYSTEM, USER, ANSWER, AGAIN], False)
    for template in ERRORS + FAILURES:
        yield case(template, [USER], False)


def case(template, messages, add_generation_prompt, bos_token="<s>", eos_token="</s>"):
    return {
        "template": template,
        "messages": messages,
        "add_generation_prompt": add_generation_prompt,
        "bos_token": bos_token,
        "eos_token": eos_token,
    }
