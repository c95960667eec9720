"""Fetches what students pushed, at one commit each, without anything of theirs being run or obeyed.

Nothing is checked out: attributes, filters, hooks, links and submodules are a checkout's. Git brings the objects of the
commit, and the files that may count are read out of them, byte for byte. The token travels in git's environment, where
no list of processes shows it and no file keeps it.
"""

from __future__ import annotations

import base64
import os
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from grader import limits
from grader.course.places import reports_of
from grader.observe.submission import NOT_FOLDERS, NOT_MODULES, OBSERVATIONS
from grader.outputs import files
from grader.outputs.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from grader.github.api import GitHub
    from grader.github.pushes import Pushed

COMMIT = ".commit"
"""The file that says which commit lies in a folder; it is written last."""
_KEPT = frozenset({"100644", "100755", "120000"})
"""Files, programs and links, as git numbers them; a link counts as the text that it is in git."""
_BIGGEST = max(limits.SOURCE_BYTES, limits.OBSERVATIONS_BYTES)


class Unfetchable(RuntimeError):  # noqa: N818  # it names what happened
    """A commit cannot be fetched, or not looked through; the message names the reason."""


def fetch(url: str, commit: str, token: str, folder: Path) -> bool:
    """Write what may count of a commit into ``folder``; return False where that is what lies there already.

    Raises :class:`Unfetchable`, and OutputUnwritable.
    """
    if (folder / COMMIT).is_file() and (folder / COMMIT).read_text(encoding="ascii") == commit:
        return False
    with tempfile.TemporaryDirectory() as place:
        repository = Path(place) / "objects.git"
        _bring(repository, url, commit, token)
        contents = _contents(repository, commit)
    _clear(folder)
    for name, content in contents.items():
        path = folder / name
        files.write(path.parent, {path.name: content})
    files.write(folder, {COMMIT: commit})
    return True


def fetch_all(
    pushes: Iterable[Pushed], github: GitHub, out: Path, jobs: int, told: Callable[[str], None]
) -> dict[str, str]:
    """Fetch each push into a folder of its student's; return whose could not be fetched, with the reasons."""
    failed: dict[str, str] = {}
    with ThreadPoolExecutor(jobs) as pool:
        waiting = {
            pool.submit(fetch, push.clone_url, push.commit, github.token, reports_of(out, push.student)): push
            for push in pushes
        }
        for done in as_completed(waiting):
            push = waiting[done]
            try:
                told(f"{push.student}: {push.commit} {'fetched' if done.result() else 'is there'}")
            except Unfetchable as error:
                failed[push.student] = f"{push.commit} cannot be fetched: {error}"
    return failed


def _clear(folder: Path) -> None:
    """Remove an older commit's files: those that were written here, and nothing else."""
    (folder / COMMIT).unlink(missing_ok=True)
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file() and _may_count(path.relative_to(folder).as_posix()):
            path.unlink()


def _bring(repository: Path, url: str, commit: str, token: str) -> None:
    """Fetch one commit, without its history and without files that are too large to count."""
    _git(["init", "--quiet", "--bare", "--template=", str(repository)])
    settings = (repository / "config").read_bytes()
    wanted = ["--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--depth=1", "--end-of-options"]
    limited = [f"--filter=blob:limit={_BIGGEST + 1}", *wanted, url, commit]
    _git(["-C", str(repository), "fetch", "--quiet", *limited], _signed_in(url, token))
    # Git has noted where missing objects could be had. They are missing for good: nothing is fetched behind our back.
    (repository / "config").write_bytes(settings)


def _signed_in(url: str, token: str) -> dict[str, str]:
    """Return the environment in which git sends the token to this server, and to no other one."""
    if not token:
        return {}
    server = "{0.scheme}://{0.netloc}/".format(urlsplit(url))
    basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.{server}.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic}",
    }


def _contents(repository: Path, commit: str) -> dict[str, bytes]:
    """Return the files that may count, by name; one that is too large is there, as large and empty."""
    found = dict(islice(_listed(repository, commit), limits.SOURCE_FILES + 1))  # one too many, for intake to see
    asked = "".join(f"{blob}\n" for blob in found.values()).encode()
    answer = _git(["-C", str(repository), "cat-file", "--batch"], given=asked)
    return dict(zip(found, _blobs(answer, len(found)), strict=True))


def _blobs(answer: bytes, count: int) -> Iterator[bytes]:
    """Yield the content of each blob, as ``git cat-file --batch`` writes them."""
    place = 0
    for _ in range(count):
        end = answer.index(b"\n", place)
        *_, size = answer[place:end].split()
        place = end + 1
        if size == b"missing":
            yield bytes(_BIGGEST + 1)
        else:
            yield answer[place : place + int(size)]
            place += int(size) + 1


def _listed(repository: Path, commit: str) -> Iterator[tuple[str, str]]:
    """Yield name and blob of each file that may count."""
    listing = _git(["-C", str(repository), "ls-tree", "-r", "-z", "--full-tree", commit], most=limits.LISTING_BYTES)
    for entry in filter(None, listing.split(b"\0")):
        about, _, name = entry.partition(b"\t")
        mode, _, blob = about.decode("ascii").split()
        path = name.decode("utf-8", "surrogateescape")
        if mode in _KEPT and _may_count(path):
            yield path, blob


def _may_count(path: str) -> bool:
    """Tell whether intake may want a file: a module in packages, or the observations; such a name leads nowhere."""
    *packages, name = path.split("/")
    if not packages and name == OBSERVATIONS:
        return True
    inside = len(packages) <= limits.SOURCE_DEPTH
    named = all(part.isidentifier() and not part.startswith("__") and part not in NOT_FOLDERS for part in packages)
    return inside and named and name.endswith(".py") and name.isprintable() and name not in NOT_MODULES


def _git(
    arguments: list[str],
    environment: Mapping[str, str] | None = None,
    given: bytes = b"",
    most: int = limits.FETCH_BYTES,
) -> bytes:
    """Run git with settings of ours alone; return its answer. No file that it writes gets larger than ``most``."""
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as answer:
        asked.write(given)
        asked.seek(0)
        try:
            subprocess.run(  # noqa: S603  # arguments of ours: a commit and an address from GitHub
                ["prlimit", f"--fsize={most}", f"--cpu={limits.FETCH_SECONDS}", "git", *_settings(), *arguments],  # noqa: S607  # the user's own
                env={**_environment(), **(environment or {})},
                stdin=asked,
                stdout=answer,
                stderr=subprocess.PIPE,
                timeout=limits.FETCH_SECONDS,
                check=True,
            )
        except subprocess.TimeoutExpired as error:
            raise Unfetchable(f"git takes longer than {limits.FETCH_SECONDS} seconds") from error
        except subprocess.CalledProcessError as error:
            said = error.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise Unfetchable(visible(said, 200) or "there is more in it than a submission needs") from error
        answer.seek(0)
        return answer.read()


def _settings() -> list[str]:
    """Return the options with which git talks to a server over HTTP, and goes nowhere else with the token."""
    allowed = ("protocol.allow=never", "protocol.http.allow=always", "protocol.https.allow=always")
    return [part for setting in (*allowed, "http.followRedirects=false") for part in ("-c", setting)]


def _environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return inherited | {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C.UTF-8",
    }
