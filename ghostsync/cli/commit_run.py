"""A commit instead of the working tree, compared with Ghost or published."""

from __future__ import annotations

from dataclasses import replace

from ghostsync.cli.carry_out import interruptible
from ghostsync.cli.context import Globals, open_run, sleep
from ghostsync.core.headline import headline
from ghostsync.core.plan import Plan, Prune
from ghostsync.core.slugs import tag_slug
from ghostsync.engine.options import Options
from ghostsync.errors import ExitCode
from ghostsync.ghost.gateway import GhostSite
from ghostsync.local.config import Config
from ghostsync.local.history import History
from ghostsync.local.past import GitPast
from ghostsync.local.tree import ContentTree


def run_commit(given: Globals, config: Config, pushed: Config, commit: str, *, push: bool) -> ExitCode:
    """Plan the commit whose files and configuration, `pushed`, were written out, and with `push` apply that plan.

    Cache, lock, site and key are those of the working directory; whose posts these are and how they are written is what
    the commit's own configuration says. The history ends at the commit. Nothing is removed from
    Ghost here whatever the policy says: nobody can be asked while Git waits.
    """
    with (
        open_run(given, (), command="hook", locks=push) as run,
        History(config.root, at=commit) as history,
    ):
        tree = ContentTree(pushed.for_site(run.remote.site().url))
        marker = pushed.marker_tag
        remote = GhostSite(run.remote.api, marker=marker, marker_slug=None if marker is None else tag_slug(marker))
        session = replace(
            run.session,
            remote=remote,
            tree=tree,
            past=GitPast(history),
            project=pushed.project,
            marker=marker,
            dialect=pushed.dialect,
        )
        plan = session.plan_push(Options(prune=Prune.REPORT))
        _tell(given, plan, commit)
        if not push:
            return ExitCode.DONE
        from ghostsync.apply.applier import Applier
        from ghostsync.core.outcome import report_exit

        with interruptible(given, run.stop):
            report = Applier(
                remote=remote,
                tree=tree,
                memory=run.memory,
                plan=plan,
                jobs=pushed.jobs,
                sleep=sleep,
                author=session.author,
                stop=run.stop,
            ).run()
        for outcome in report.failed:
            if outcome.error is not None:
                given.console.error(outcome.error)
        code = report_exit(report)
        said = "published" if code is ExitCode.DONE else "not everything could be published, and nothing is pushed"
        given.console.say(f"ghostsync: {commit[:9]}: {said}")
        return code


def _tell(given: Globals, plan: Plan, commit: str) -> None:
    given.console.say(f"ghostsync: content of {commit[:9]} is valid; a push to Ghost: {headline(plan)}")
    for conflict in plan.conflicts:
        given.console.say(f"  conflict: {conflict.path}: {conflict.message}")
