"""``report.html``: what stands in it, and that nothing of a student's is more than text."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from typing import get_args

import pytest
from nasty import NASTY, TEXTS, unharmed
from outputs_samples import SCRIPT, adding, criterion, evidence, hostile, refused, report, step

from grader.outputs.html import MOST_BYTES, render
from grader.values import Advice, Evidence, Flag, GradeReport, OutcomeName, Where

PASSED = criterion("model.table", points=15)
FAILED = criterion("commit.stored", "failed", 8, where=Where(SCRIPT, 9))
BLOCKED = criterion("rollback.nothing_kept", "blocked", 14, cause="commit.stored")
VOID = {"meta", "circle", "rect", "link", "br", "img", "input"}


class Reader(HTMLParser):
    """Reads a page as its elements with their attributes, and what can be read in it."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._inside.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that closes itself."""
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Leave an element; each that was entered is left in turn."""
        assert self._inside.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note a text that is shown."""
        if not {"style", "script"} & set(self._inside):
            self.words += data.split()


def read(page: str) -> Reader:
    """Return a page as it is read."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


def text_of(grade: GradeReport, told: Evidence | None = None) -> str:
    """Return what can be read on the page of a grade."""
    return " ".join(read(render(grade, told or evidence())).words)


def test_the_score_is_the_headline() -> None:
    """The page begins with the points."""
    text = text_of(report(PASSED, FAILED))
    assert text.startswith("15 of 23 points: alice Skip to the result Sessions and transactions alice Dark 15 of 23")


def test_what_to_do_first_comes_first() -> None:
    """Before all else stand the sentence of guidance, the line of code, what was seen and the next step."""
    text = text_of(report(FAILED, BLOCKED))
    parts = [
        "What to do first Begin with commit.stored",
        "transaction_script.py, line 9",
        "9 session.commit()",
        "Seen nothing arrived",
        "Next step Look at where you commit.",
        "What was lost",
    ]
    assert sorted(parts, key=text.index) == parts


def test_full_points_are_praised() -> None:
    """A submission without a fault reads so, and has nothing to do first."""
    text = text_of(report(PASSED))
    assert "Well done! Everything that was asked for is there" in text
    assert "What to do first" not in text


def test_a_stub_is_not_praised() -> None:
    """Where nothing works the page says so, and that it is no shame."""
    assert "What works Nothing yet, and that is how everyone begins." in text_of(report(FAILED))


def test_a_withheld_grade_blames_nobody() -> None:
    """Where the grader failed there is no score, no arrears and no task."""
    text = text_of(report(PASSED, criterion("commit.stored", "broken")))
    assert "No grade yet This is not your fault The grader itself failed" in text
    assert "What to do first" not in text
    assert "of 19" not in text


@pytest.mark.parametrize("outcome", get_args(OutcomeName))
def test_an_outcome_is_a_word(outcome: OutcomeName) -> None:
    """Each outcome is named beside its sign."""
    lost = criterion("model.table", outcome)
    assert f" {outcome} The title of model.table." in text_of(report(lost))


def test_a_lost_criterion_says_what_to_know() -> None:
    """Expected, seen, the code around the line, the hint, where to read on, and what waits follow each other."""
    text = text_of(report(FAILED, BLOCKED))
    assert (
        "Expected All products arrive. Seen nothing arrived transaction_script.py, line 9 "
        "7 for product in products: 8 session.add(Product(**product)) 9 session.commit() "
        "Hint Look at where you commit. Read on handout, task 2; hints, task 2:"
    ) in text
    assert "Waits for it The title of rollback.nothing_kept. (14 points)" in text


def test_what_a_silenced_failure_leads_to_stands_with_it() -> None:
    """Who silences a failure learns, there, what going on after it costs as well."""
    kept = criterion("rollback.nothing_kept", "failed", 14, where=Where(SCRIPT, 9))
    silenced = criterion("rollback.error_reaches_caller", "failed", 5)
    shown = text_of(report(criterion("commit.one_transaction"), kept, silenced))
    assert "Leads to rollback.nothing_kept : the call went on after the failure, which costs this as well." in shown


def test_code_between_backticks_is_code() -> None:
    """What a hint names as code is shown as code."""
    page = render(report(criterion("commit.stored", "failed", hint="Call `commit()` <once>.")), evidence())
    assert "Call <code>commit()</code> &lt;once&gt;." in page


def test_advice_costs_nothing() -> None:
    """Advice stands in a list of its own, with its place."""
    advice = Advice("advice.bare_except", "Name it.", Where(SCRIPT, 3))
    expected = "Advice (it costs nothing) Name it. transaction_script.py, line 3"
    assert expected in text_of(report(PASSED, advice=(advice,)))


def test_flags_are_not_for_students() -> None:
    """What an instructor should look at is not on the student's page."""
    assert "looks forged" not in render(report(PASSED, flags=(Flag("flag.x", "looks forged"),)), evidence())


def test_one_run_is_drawn_once() -> None:
    """Where the same run explains two losses, the second one points to the picture of the first."""
    both = (
        criterion("rollback.nothing_kept", "failed", 14),
        criterion("rollback.error_reaches_caller", "failed", 5),
    )
    text = text_of(report(*both), evidence(refused()))
    assert text.count("What happened:") == 1
    assert "The timeline above, at rollback.nothing_kept, shows this, too" in text


def test_nothing_is_loaded() -> None:
    """The page has no element that would load anything, and forbids all but its own style and script."""
    page = render(report(FAILED, BLOCKED), evidence(adding(), refused()))
    tags = {tag for tag, _ in read(page).elements}
    assert not tags & {"link", "img", "iframe", "object", "embed", "video", "audio", "base", "form", "input", "use"}
    hashes = [
        b64encode(sha256(re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)[0].encode()).digest()).decode()
        for tag in ("style", "script")
    ]
    assert re.findall("'sha256-(.*?)'", page) == hashes
    assert "default-src 'none'" in page
    assert not re.search(r"(?:src|href|url)\W{0,2}=?\W{0,2}(?:https?:|//)", page)


def test_the_page_is_the_same_twice() -> None:
    """The same grade gives the same bytes."""
    grade, told = report(FAILED, BLOCKED), evidence(adding(), refused())
    assert render(grade, told) == render(grade, told)


@pytest.mark.parametrize("nasty", [text[:5000] for text in NASTY], ids=list(TEXTS))
def test_nothing_of_a_students_is_more_than_text(nasty: str) -> None:
    """Whatever a student writes wherever they can: the page has the elements and attributes that it has without."""
    page, plain = (render(*hostile(text)) for text in (nasty, "plain"))
    theirs, ours = ({(tag, *sorted(attributes)) for tag, attributes in read(one).elements} for one in (page, plain))
    assert theirs <= ours
    assert unharmed(page)
    assert len(page.encode()) <= MOST_BYTES


def test_a_page_is_bounded() -> None:
    """Much text of a student's, in every criterion and in long runs, gives a page that can still be opened."""
    flood = '"' * 5000
    where = Where(SCRIPT, 1)
    lost = [
        criterion(f"commit.{number}", "failed", seen=flood, expected=flood, title=flood, where=where)
        for number in range(19)
    ]
    steps = tuple(step("read", line, session=1, text="price") for line in range(1, 2000))
    told = evidence(adding(steps=steps), refused(flood), code="\n".join([flood] * 3000))
    assert len(render(report(*lost), told).encode()) <= MOST_BYTES
