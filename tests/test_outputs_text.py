"""Text of students is shown harmlessly."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from nasty import HONEST, NASTY, TEXTS, obeyed, unharmed

from grader.outputs.text import MOST_IN_A_LINE, MOST_LOG_LINES, code_block, log, markdown, visible

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


@pytest.mark.parametrize("text", NASTY)
def test_a_runner_obeys_nothing(text: str) -> None:
    """Wherever a line of a log begins within the text, nothing in it is a workflow command."""
    shown = visible(text)
    assert obeyed("\n".join([shown, *(shown[start:] for start in range(len(shown)))])) == []


@given(st.text(alphabet=":# [\t\x1b\u200berror-groupvst]="))
def test_no_text_is_a_command(text: str) -> None:
    """Signs of commands in any order make no command."""
    assert obeyed(visible(text)) == obeyed(log(text)) == []


@pytest.mark.parametrize("text", HONEST)
def test_honest_text_stays_as_it_is(text: str) -> None:
    """Letters of any script in any direction, slices and signs are shown as they are."""
    assert visible(text) == text


def test_a_command_can_be_read() -> None:
    """A workflow command is written with an escape in place of the first sign, not without it."""
    assert visible("::error::x ##[group]") == r"\x3a:error\x3a:x \x23#[group]"


def test_a_joined_family_can_be_read() -> None:
    """What joins several signs into one is written out, and the signs stay."""
    assert visible(TEXTS["ZWJ"]) == "\U0001f468\\u200d\U0001f469\\u200d\U0001f467 ❤\ufe0f"


def test_an_escape_sequence_can_be_read() -> None:
    """A control character is written as its escape."""
    assert visible("\x1b[31m\t\u202e") == r"\x1b[31m\t\u202e"


def test_a_half_character_is_replaced() -> None:
    """A lone surrogate, which nothing can write, becomes the replacement character."""
    assert visible("a\ud800b") == "a\ufffdb"


def test_a_newline_becomes_a_sign() -> None:
    """Text that was several lines is one line."""
    assert visible("a\nb") == "a ⏎ b"


@pytest.mark.parametrize("text", NASTY)
def test_nasty_text_is_dead_in_a_log(text: str) -> None:
    """Lines of a log are lines, and nothing in them is obeyed by a terminal or by a runner."""
    assert unharmed(log(text))
    assert obeyed(log(text)) == []


def test_lines_of_a_log_stay_lines() -> None:
    """A traceback keeps its lines and their indentation."""
    assert log("a\n  b\x1b") == "a\n  b\\x1b"


def test_a_log_keeps_the_last_lines() -> None:
    """Of a message without end the last lines are kept, none longer than a limit, and the cut is told."""
    lines = log("first\n" + "x" * 10_000 + "\n" + "line\n" * (MOST_LOG_LINES - 2) + "last").split("\n")
    assert (len(lines), lines[0], lines[-1]) == (MOST_LOG_LINES + 1, "…", "last")
    assert len(lines[1]) == MOST_IN_A_LINE


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
