"""Similar submissions: a hint where to look, and never a verdict.

``copydetect`` compares by winnowing, as MOSS does: names, texts, comments and layout do not count. A task as short as
this one makes honest solutions alike, so what nearly everybody has to write is left out: the passages of the starter
and of the reference, and those that many of the class share.
"""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from itertools import combinations
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from grader.content import SOLUTION, STARTER, find_content
from grader.course.faults import WrongUse
from grader.outputs.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from grader.course.nouns import Push
    from grader.values import Evidence

LEAST_PERCENT = 60
"""Measured on right solutions in 84 styles, drawn into classes: of unrelated pairs 7 of 5,400 came so far in classes of
10, 2 of 11,400 in classes of 20 and none of 26,900 in larger ones; copies with other names, order, comments and layout
came so far in 142 of 148 cases."""
PASSAGE = 25
"""The shortest passage that counts, in characters once names and texts are one character each: about a line."""
LEAST_SHARED = 150
"""Two submissions have to share so many of these characters, six lines or so: less is chance."""
COMMON_PERCENT, FEWEST, MOST = 10, 3, 20
"""A passage that more than ten percent of the class have is everybody's: at least 3 and at most 20 submissions."""
MOST_CHARACTERS = 60_000
"""Twenty times as much as a long solution; of more, the beginning is compared."""
_WORTH_COMPARING = 5
"""A pair is compared closely if they share a fifth of the passages of the one that has fewer."""
_SCRIPT, _MODELS = "transaction_script.py", "models.py"


class SimilarityMissing(WrongUse):
    """What compares submissions is not installed; the message names the repair."""


class Alike(Struct, frozen=True):
    """Submissions that share much: whose, and how much of their own passages, of the one that shares less.

    ``others`` is empty where everybody in ``students`` handed in the same text.
    """

    percent: int
    students: tuple[str, ...]
    others: tuple[str, ...] = ()


def similar(pushes: Iterable[Push], evidence: Callable[[Push], Evidence], least: int = LEAST_PERCENT) -> list[Alike]:
    """Return which of these pushes are alike in ``least`` percent or more; SimilarityMissing names the extra."""
    texts = {push.handed.student: _text_of(evidence(push)) for push in pushes}
    content = find_content()
    return alike(texts, [content.read(f"{folder}/{_SCRIPT}") for folder in (STARTER, SOLUTION)], least)


def alike(texts: Mapping[str, str], everybodys: Iterable[str], least: int = LEAST_PERCENT) -> list[Alike]:
    """Return which of these texts (by student) are alike, most first, apart from passages that are everybody's."""
    students: dict[str, list[str]] = defaultdict(list)
    for student, text in sorted(texts.items()):
        students[text].append(student)
    prints = _fingerprints(students, everybodys)
    found = [
        Alike(100, tuple(students[text])) for text, p in prints.items() if _says_enough(p) and len(students[text]) > 1
    ]
    for one, other in _candidates(prints):
        percent = _percent(prints[one], prints[other])
        if percent >= least:
            found.append(Alike(percent, tuple(students[one]), tuple(students[other])))
    return sorted(found, key=lambda each: (-each.percent, each.students, each.others))


def told(found: Sequence[Alike]) -> Iterator[str]:
    """Yield a line for each, and what may be thought of it."""
    for each in found:
        names = [", ".join(map(visible, students)) for students in (each.students, each.others) if students]
        yield f"{each.percent:3} %  {' and '.join(names)}{'' if each.others else ': the same text'}"
    yield f"{len(found)} found. They are hints where to look: read both, and ask, before you think anything."


def _text_of(evidence: Evidence) -> str:
    """Return what a student wrote; models.py is so short that all of them are alike."""
    files = sorted(evidence.files, key=lambda source: source.name)
    return "\n".join(source.text or "" for source in files if source.name != _MODELS)[:MOST_CHARACTERS]


def _fingerprints(texts: Iterable[str], everybodys: Iterable[str]) -> dict[str, Any]:
    """Return the fingerprint of each text, without the passages that are everybody's."""
    prints = {text: _fingerprint(text) for text in texts}
    owners = Counter(passage for each in prints.values() for passage in each.hashes)
    most = min(MOST, max(FEWEST, len(prints) * COMMON_PERCENT // 100))
    common = {passage for passage, number in owners.items() if number > most}
    common.update(*(_fingerprint(text).hashes for text in everybodys))
    for each in prints.values():
        _leave_out(each, common)
    return prints


def _fingerprint(text: str) -> Any:  # noqa: ANN401  # the library has no types
    try:
        from copydetect import CodeFingerprint  # type: ignore[import-untyped]  # noqa: PLC0415  # it ships no types, and brings matplotlib
    except ImportError as error:
        raise SimilarityMissing(
            "copydetect, which compares submissions, is missing. Install it: pip install 'session-grader[similarity]'"
        ) from error
    # With a window of one every passage counts, so that the result is the same each time.
    return CodeFingerprint(_SCRIPT, PASSAGE, 1, fp=io.StringIO(text))


def _leave_out(fingerprint: Any, passages: set[int]) -> None:  # noqa: ANN401  # the library has no types
    """Take passages out; the library's own way of doing it also drops what a text says twice."""
    from copydetect.utils import get_token_coverage  # type: ignore[import-untyped]  # noqa: PLC0415  # as above

    fingerprint.hashes -= passages
    fingerprint.hash_idx = {each: found for each, found in fingerprint.hash_idx.items() if each not in passages}
    length = len(fingerprint.filtered_code)
    fingerprint.token_coverage = get_token_coverage(fingerprint.hash_idx, PASSAGE, length)


def _says_enough(fingerprint: Any) -> bool:  # noqa: ANN401  # the library has no types
    return bool(fingerprint.token_coverage >= LEAST_SHARED)


def _candidates(prints: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the pairs that share enough to be worth a closer look: few of all that there are.

    As no passage has many owners, this takes a time that grows with the class, and not with its square.
    """
    owners: dict[int, list[str]] = defaultdict(list)
    for text, each in prints.items():
        for passage in each.hashes if _says_enough(each) else ():
            owners[passage].append(text)
    shared = Counter(pair for texts in owners.values() for pair in combinations(texts, 2))
    for (one, other), number in shared.items():
        if number * _WORTH_COMPARING >= min(len(prints[one].hashes), len(prints[other].hashes)):
            yield one, other


def _percent(one: Any, other: Any) -> int:  # noqa: ANN401  # the library has no types
    from copydetect import compare_files  # noqa: PLC0415  # as above

    shared, shares, _ = compare_files(one, other)
    return int(100 * min(shares)) if shared >= LEAST_SHARED else 0
