"""The commands ``grader github verify`` and ``ruleset``: what keeps a student's repository trustworthy, and how far."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import click

_file = click.Path(path_type=Path)


@click.command()
@click.argument("report", type=_file)
@click.argument("token", type=_file)
@click.option("--repository", metavar="ORG/NAME", required=True, help="Whose report it should be.")
@click.option("--commit", metavar="SHA", required=True, help="The commit that it should be about, all 40 digits.")
@click.option("--workflow", metavar="REF", required=True, help="The workflow that should have judged, with its ref.")
@click.option("--at", metavar="TIME", help="When it should have been valid, as 2026-12-01T12:00Z; by default now.")
@click.option("--keys", metavar="FILE", help="GitHub's keys, if they were kept; by default they are asked for.")
def verify(  # noqa: PLR0913, PLR0917  # click hands over each option by itself
    report: Path, token: Path, repository: str, commit: str, workflow: str, at: str | None, keys: str | None
) -> None:
    """Make sure that a report from a student's repository was judged by the course's own workflow.

    REPORT is the report.json of the artifact "report", TOKEN the token.jwt of the artifact "vouched". GitHub has
    signed in it the digest of the report, the repository, the commit and the workflow; whatever differs is named. A
    token is valid for some hours: later, say with --at when the run was.

    \b
    Example:
      grader github verify report.json token.jwt --repository my-course/hw-ada --commit "$(git rev-parse HEAD)" \\
        --workflow my-course/grading/.github/workflows/grade.yml@refs/heads/main
    """
    from grader.github import oidc  # noqa: PLC0415  # no other command waits for it
    from grader.outputs.text import log  # noqa: PLC0415  # the same

    try:
        moment = datetime.fromisoformat(at) if at else datetime.now(UTC)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        content, signed = report.read_bytes(), token.read_text(encoding="ascii").strip()
        origin = oidc.Origin(repository, commit, workflow)
        claims = oidc.verify(signed, content, origin, oidc.published_keys(keys or oidc.KEYS), moment)
    except (oidc.TokenRefused, OSError, ValueError) as error:
        raise click.ClickException(log(str(error))) from error
    click.echo(log(f"{report}: judged by {workflow} for {repository} at {commit}, in run {claims.get('run_id')}"))


@click.command()
@click.option("--org", metavar="ORG", envvar="GRADER_ORG", required=True, help="The organisation of the class.")
@click.option("--prefix", metavar="TEXT", required=True, help="Names of students' repositories begin so.")
@click.option("--each", is_flag=True, help="Give each repository its own, not the organisation one for all.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--api-url", metavar="URL", envvar=["GRADER_API_URL", "GITHUB_API_URL"], default="https://api.github.com",
              help="The address of GitHub's API.")  # fmt: skip
def ruleset(org: str, prefix: str, api_url: str, *, each: bool, dry_run: bool) -> None:
    """Keep students from pushing anything below .github.

    Owners of the organisation still can. It needs GitHub Team or Enterprise, and private or internal repositories.
    Where an organisation's plan has no push rulesets for all, --each gives every repository its own; run it again when
    there are new ones. What is as it should be stays.

    \b
    Example:
      grader github ruleset --org my-course --prefix hw- --dry-run
    """
    from grader.github import rulesets  # noqa: PLC0415  # no other command waits for it
    from grader.github.api import connect  # noqa: PLC0415  # the same
    from grader.outputs.text import log  # noqa: PLC0415  # the same

    right = "administration" if each else "organization_administration"
    with connect(api_url, org, {right: "write", "metadata": "read"}, os.environ) as github:
        for done in rulesets.protect(github, org, prefix, each=each, dry=dry_run):
            click.echo(log(f"{done.place}: {done.change}{' (not done: a dry run)' if dry_run else ''}"))
