"""Commands of site generators in a text are found; what only looks like one, or is shown on purpose, is not."""

from __future__ import annotations

import pytest

from ghostsync.core.template_syntax import template_commands
from ghostsync.lexical import compile_markdown


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ('Before {{< figure src="a.png" >}} after.\n', ['{{< figure src="a.png" >}}']),
        ("{{<tweet>}}\n", ["{{<tweet>}}"]),
        ("- a {{% note %}}**strong**{{% /note %}}\n", ["{{% note %}}", "{{% /note %}}"]),
        ("{% highlight ruby %}\nputs 1\n{% endhighlight %}\n", ["{% highlight ruby %}", "{% endhighlight %}"]),
        ("# By {{ page.author }}\n", ["{{ page.author }}"]),
        ("{{< *a* [b](https://example.com) >}}\n", ["{{< a b >}}"]),
        ("<div>{% include x.html %}</div>\n", ["{% include x.html %}"]),
        ("Twice {% x %} and {% x %}.\n", ["{% x %}"]),
        ("Written `{% raw %}`, `{{< x >}}`.\n", []),
        ("```\n{% raw %}\n```\n", []),
        ("<pre>{% raw %}</pre>\n", []),
        ("Vue's {{ name }}, 100 {percent}, {%}, a{{<b\n", []),
    ],
)
def test_commands(text: str, commands: list[str]) -> None:
    """In paragraphs, lists, headings, links and HTML; not in code."""
    assert list(template_commands(compile_markdown(text))) == commands
