"""HTML becomes the text that its reader sees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.lexicon.markup import plain_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<h3>You</h3><ul><li>Java</li><li>5+ years</li></ul><h3>Nice</h3><p>Kafka</p>",
         "You\n• Java\n• 5+ years\n\nNice\nKafka"),
        ("&lt;p&gt;&lt;b&gt;You&lt;/b&gt;&lt;/p&gt;&lt;ul&gt;&lt;li&gt;C&amp;#43;&amp;#43;&lt;/li&gt;&lt;/ul&gt;",
         "You\n• C++"),
        ("<div>职责：<br>1、开发<br/>2、测试</div><script>a='<p>x</p>'</script><style>p{}</style><p hidden>y</p>",
         "职责：\n1、开发\n2、测试"),
        ("<ul><li>a<ul><li>b</li></ul></li>\n <li><p>c</p></li></ul>", "• a\n• b\n• c"),
        ("<p>one <b>two <li>three", "one two\n• three"),
        ("R&amp;D &lt; 3 years", "R&D < 3 years"),
        ("x < 3 && y > 2", "x < 3 && y > 2"),
        ("a &b; c", "a &b; c"),
        ("<p></p>", ""),
        ("<!-- <p>no</p> --><p>yes</p>", "yes"),
    ],
)  # fmt: skip
def test_html_reads_as_text(html: str, text: str) -> None:
    assert plain_text(html) == text


@given(st.text(alphabet="<>/&;#pbrliul aA1\n\x00\"'=é中", max_size=200))
def test_any_markup_gives_a_text_without_known_tags(html: str) -> None:
    once = plain_text(html)
    assert "<li>" not in once
    assert isinstance(once, str)


def test_deep_nesting_ends() -> None:
    assert "x" in plain_text("<div>" * 5000 + "x")
