"""Text of students is shown harmlessly."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from outputs_samples import NASTY, unharmed

from grader.outputs.text import code_block, markdown, visible

RUBRIC = tomllib.loads((Path(__file__).parents[1] / "assignment" / "rubric.toml").read_text(encoding="utf-8"))
ALIVE = re.compile(r"<(a|img|script|h\d|table|em|strong|s|li|hr|blockquote|b)\b", re.IGNORECASE)


def as_html(text: str) -> str:
    """Return a Markdown text as HTML, raw HTML and tables allowed, as on GitHub."""
    return str(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))


@pytest.mark.parametrize("text", NASTY)
def test_nasty_text_becomes_visible(text: str) -> None:
    """No character is left that a terminal obeys or an eye misses."""
    assert unharmed(visible(text))


@given(st.text(alphabet=st.characters()), st.integers(1, 50))
def test_any_text_is_visible_and_short(text: str, most: int) -> None:
    """Whatever the text is, what is shown is harmless and as short as was asked for."""
    shown = visible(text, most)
    assert unharmed(shown)
    assert len(shown) <= most


def test_plain_text_stays_as_it_is() -> None:
    """Letters of any script, digits and signs are shown as they are."""
    text = "Lamp, n° 7 größer 日本 'O\\'Hara' 50 % שלום 👍"
    assert visible(text) == text


def test_an_escape_sequence_can_be_read() -> None:
    """A control character is written as its escape."""
    assert visible("\x1b[31m\t\u202e") == r"\x1b[31m\t\u202e"


def test_a_half_character_is_replaced() -> None:
    """A lone surrogate, which nothing can write, becomes the replacement character."""
    assert visible("a\ud800b") == "a\ufffdb"


def test_a_newline_becomes_a_sign() -> None:
    """Text that was several lines is one line."""
    assert visible("a\nb") == "a ⏎ b"


def test_lines_are_kept_where_asked() -> None:
    """Lines stay lines where the caller wants lines."""
    assert visible("a\nb", lines=True) == "a\nb"


def test_a_long_text_ends_in_an_ellipsis() -> None:
    """What is cut says so."""
    assert visible("x" * 100, 10) == "x" * 9 + "…"


def test_marks_do_not_pile_up() -> None:
    """A letter carries as many marks as a script may need; further ones are written out."""
    assert visible("e" + "\u0301" * 6) == "e" + "\u0301" * 4 + r"\u0301\u0301"


@pytest.mark.parametrize("text", NASTY)
def test_nasty_text_is_dead_in_markdown(text: str) -> None:
    """Nothing in it becomes a tag, a link, an image or a block."""
    assert ALIVE.search(as_html(f"Seen: {markdown(text)}")) is None


@pytest.mark.parametrize("text", NASTY)
def test_nasty_text_begins_no_block(text: str) -> None:
    """At the beginning of a line, too, it is a paragraph of text."""
    assert as_html(markdown(text)).startswith("<p>")


@pytest.mark.parametrize("text", NASTY)
def test_a_table_cell_stays_one_cell(text: str) -> None:
    """No text ends the cell that it is in."""
    html = as_html(f"| a | b |\n|---|---|\n| {markdown(text, cell=True)} | end |")
    assert html.count("<td>") == 2
    assert "<td>end</td>" in html


@pytest.mark.parametrize(
    "text", ["@alice", "#1", "GH-12", "deadbeef1", "www.example.org", "a@b.org", "https://x.org", ":x:"]
)
def test_github_links_nothing(text: str) -> None:
    """What GitHub would link, mention or replace stands in a code span, where it does not."""
    assert as_html(markdown(f"see {text} there")) == f"<p><code>see {text} there</code></p>\n"


def test_a_fence_is_longer_than_any_run_of_backticks() -> None:
    """Backticks in a text do not end its code span."""
    assert as_html(markdown("a `` b ` c")) == "<p><code>a `` b ` c</code></p>\n"


def test_a_code_block_cannot_be_left() -> None:
    """Backticks in a line of code do not end its block."""
    assert as_html(code_block("```\n# x", "python")).count("</code></pre>") == 1


def test_our_own_words_stay_prose() -> None:
    """Every title, hint and piece of advice of the rubric is plain enough to be shown as prose."""
    texts = [entry.get("message") or entry["title"] for entry in (*RUBRIC["criterion"], *RUBRIC["advice"])]
    texts += [entry["hint"] for entry in RUBRIC["criterion"]]
    assert [text for text in texts if markdown(text) != text] == []
