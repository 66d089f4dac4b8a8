"""Commands of site generators in a text are found; what only looks like one, or is shown on purpose, is not."""

from __future__ import annotations

import pytest

from ghostsync.core.template_syntax import template_commands
from ghostsync.lexical import compile_markdown


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ('Before {{< figure src="a.png" >}} after.\n', ["{{< figure … >}}"]),
        ("{{<tweet>}}\n", ["{{< tweet >}}"]),
        ("- a {{% note %}}**strong**{{% /note %}}\n", ["{{% note %}}"]),
        ("{% highlight ruby %}\nputs 1\n{% endhighlight %}\n", ["{% highlight … %}"]),
        ("# By {{ page.author }}\n", ["{{ page.author }}"]),
        ("{{< *a* [b](https://example.com) >}}\n", ["{{< a … >}}"]),
        ("<div>{% include x.html %}</div>\n", ["{% include … %}"]),
        ("Twice {% x %} and {% x %}.\n", ["{% x %}"]),
        (
            "{{< a 1 >}} {{< a 2 />}} {% enda %} {% endless 3 %} {%- b -%} {{%/c%}}\n",
            ["{{< a … >}}", "{% enda %}", "{% endless … %}", "{% b %}", "{{% /c %}}"],
        ),
        ("Written `{% raw %}`, `{{< x >}}`.\n", []),
        ("```\n{% raw %}\n```\n", []),
        ("<pre>{% raw %}</pre>\n", []),
        ("Vue's {{ name }}, 100 {percent}, {%}, a{{<b\n", []),
    ],
)
def test_commands(text: str, commands: list[str]) -> None:
    """In paragraphs, lists, headings, links and HTML; not in code."""
    assert [command.shown for command in template_commands(compile_markdown(text))] == commands


def test_what_to_write_instead() -> None:
    """The commands that most sites have are told what they are in Markdown, where they stand first."""
    text = "{{< figure src=a >}} {{< figure src=b >}} {% post_url 2020-01-01-x %}\n"
    figure, link = template_commands(compile_markdown(text))
    assert (figure.text, "![alt]" in figure.hint) == ("{{< figure src=a >}}", True)
    assert "(other-post.md)" in link.hint
