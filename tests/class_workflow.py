"""The course's own repository, whose class workflow is run by a real engine against the GitHub of these tests."""

from __future__ import annotations

import shutil
from pathlib import Path

from acted import Acted, act
from github_class import app
from github_course import fresh_python
from github_server import GitHubServer, git
from repository import ROOT, tracked

GRADE, PUBLISH = ".github/workflows/grade-class.yml", ".github/workflows/publish-template.yml"
NEEDED = (".github/actions", "grader", "assignment", "starter", "pyproject.toml", "README.md", "LICENSE")
SECRET = "a secret of the course's"  # noqa: S105  # the tests' own
TOKEN_OF_A_RUN = "token-of-a-run"  # noqa: S105  # the same
ROSTER = "roster.csv"
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}  # the latter is pip's way to say yes


class CourseRepository:
    """The repository in which a class is graded, and the runs of its workflow."""

    def __init__(self, folder: Path, server: GitHubServer, students: list[str]) -> None:
        self.folder = folder
        self._server = server
        self._roster = "identifier,github_username\n" + "".join(f"{n},{name}\n" for n, name in enumerate(students))
        self._python = fresh_python(folder / "python")
        self._app = app(server)
        self._runs = 0
        server.tokens[TOKEN_OF_A_RUN] = ("github-actions[bot]", {"actions:read", "metadata:read"})

    @property
    def runs(self) -> Path:
        """The folder in which each run has one."""
        return self.folder / "runs"

    def run(self, until: str = "", decisions: str = "") -> Acted:
        """Start the workflow by hand, with what people decided; what earlier runs have kept is there."""
        self._runs += 1
        clone, home = self.folder / f"clone-{self._runs}", self.runs / str(self._runs)
        home.mkdir(parents=True)
        self._checked_out(clone, decisions)
        settings = {
            "--env": {
                "GRADER_API_URL": self._server.url,
                "GRADER_PAUSE": "0",
                "RUNS_OF_THE_TESTS": str(self.runs),
                **OFFLINE,
            },
            "--var": {
                "GRADER_ORG": self._server.organisation,
                "GRADER_PREFIX": "sessions-",
                "GRADER_APP_ID": self._app["GRADER_APP_ID"],
            },
            "--secret": {
                "GRADER_SECRET": SECRET,
                "GRADER_APP_KEY": self._app["GRADER_APP_KEY"],
                "GITHUB_TOKEN": TOKEN_OF_A_RUN,
            },
            "--input": {"until": until},
        }
        done = act(clone, home, "workflow_dispatch", *_options(settings), python=self._python)
        self._keep_note(home)
        return done

    def publish(self, token: str) -> Acted:
        """Publish the template, with a token for the repository that it is pushed to."""
        self._runs += 1
        clone, home = self.folder / f"clone-{self._runs}", self.runs / str(self._runs)
        home.mkdir(parents=True)
        (home / ".gitconfig").write_text(f'[url "{self._server.url}/"]\n insteadOf = https://github.com/\n')
        self._checked_out(clone, "", PUBLISH)
        settings = {
            "--env": OFFLINE,
            "--var": {"GRADER_TEMPLATE": f"{self._server.organisation}/sessions-template"},
            "--secret": {"GRADER_TEMPLATE_TOKEN": token},
        }
        return act(clone, home, "workflow_dispatch", *_options(settings), python=self._python)

    def _checked_out(self, clone: Path, decisions: str, workflow: str = GRADE) -> None:
        """Make a clone of the course's repository, as it stands in this project, with a roster and decisions."""
        for file in tracked():
            if file.as_posix().startswith((workflow, *NEEDED)):
                (clone / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / file, clone / file)
        (clone / ROSTER).write_text(self._roster)
        if decisions:
            (clone / "decisions.sh").write_text(decisions)
        git("init", "--quiet", "--initial-branch=main", str(clone))
        git("-C", str(clone), "remote", "add", "origin", f"https://github.com/{self._server.organisation}/grading.git")
        git("-C", str(clone), "add", "--all")
        who = ("-c", "user.name=Teacher", "-c", "user.email=teacher@example.org")
        git("-C", str(clone), *who, "commit", "--quiet", "--message=Everything")

    def _keep_note(self, home: Path) -> None:
        """Let the server know of the gradebook that a run has kept, as GitHub would."""
        if (home / "artifacts" / "gradebook").is_dir():
            self._server.artifacts.append(
                {
                    "name": "gradebook",
                    "expired": False,
                    "created_at": self._server.now(),
                    "workflow_run": {"id": int(home.name), "head_branch": "main"},
                }
            )


def _options(settings: dict[str, dict[str, str]]) -> list[str]:
    return [f"{option}={name}={text}" for option, given in settings.items() for name, text in given.items()]
