"""The JSON document of plans and runs, and the schema that describes it."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from describe import plan_samples as samples

from ghostsync.core.describe import plan_to_json
from ghostsync.core.outcome import Outcome, Report, Status, plan_exit, report_exit
from ghostsync.core.verbs import SUMMARY_KEYS
from ghostsync.errors import ContentError, ExitCode, Mismatch


def schema() -> dict[str, Any]:
    """Return the schema that ships."""
    text = files("ghostsync").joinpath("schemas/plan.json").read_text("utf-8")
    return dict(json.loads(text))


def check(document: dict[str, Any]) -> None:
    """Hold a document, as a program would read it, against the schema."""
    jsonschema.Draft202012Validator(schema()).validate(json.loads(json.dumps(document)))


def test_the_schema_itself_is_valid() -> None:
    """The schema keeps to its own meta-schema."""
    jsonschema.Draft202012Validator.check_schema(schema())


def test_a_plan_with_one_of_everything_fits_the_schema() -> None:
    """Every kind of change, conflict, problem and note is described."""
    document = plan_to_json(samples.full_plan(), samples.full_report())
    check(document)
    assert sorted(each["change"] for each in document["plan"]["changes"]) == sorted(SUMMARY_KEYS)


@pytest.mark.parametrize("missing", ["digest", "summary", "changes"])
def test_the_schema_refuses_a_document_that_lacks_something(missing: str) -> None:
    """Control: the schema is not one that accepts anything."""
    document = plan_to_json(samples.full_plan())
    del document["plan"][missing]
    with pytest.raises(jsonschema.ValidationError):
        check(document)


def test_the_schema_refuses_what_it_does_not_describe() -> None:
    """Control: a key that nobody documented is found by the test above."""
    document = plan_to_json(samples.full_plan())
    document["plan"]["changes"][3]["surprise"] = 1
    with pytest.raises(jsonschema.ValidationError):
        check(document)


def test_an_empty_plan_says_so() -> None:
    """Nothing to do is a document with zeros, not a missing one."""
    document = plan_to_json(samples.plan(unchanged=3))
    check(document)
    assert document["plan"]["changes"] == []
    assert document["plan"]["summary"]["unchanged"] == 3
    assert document["outcomes"] == []


def test_an_update_carries_field_and_body_before_and_after() -> None:
    """A program can show the same review as the terminal."""
    (change,) = plan_to_json(samples.plan(samples.update()))["plan"]["changes"]
    assert {"name": "tags", "before": ["News"], "after": ["News", "#internal"]} in change["fields"]
    assert change["body"] == {"changed": True, "before": samples.BEFORE, "after": samples.AFTER}
    assert change["uploads"] == ["posts/img/harbour.png"]


def test_an_error_carries_its_exchange() -> None:
    """What Ghost answered can be read without parsing sentences."""
    failed = next(o for o in plan_to_json(samples.full_plan(), samples.full_report())["outcomes"] if o["error"])
    assert failed["error"]["kind"] == "Rejected"
    assert failed["error"]["status"] == 422


def test_exit_codes_of_plans_and_reports() -> None:
    """Interrupted beats failed, failed beats invalid, invalid beats conflicts."""
    change = samples.update()
    failed = Outcome(change=change, status=Status.FAILED, error=Mismatch("posts/hello.md: not stored"))
    quiet, loud = samples.plan(change), samples.plan(change, conflicts=(samples.CONFLICT,), problems=samples.PROBLEMS)
    assert plan_exit(quiet) is ExitCode.DONE
    assert plan_exit(samples.plan(conflicts=(samples.CONFLICT,))) is ExitCode.REFUSED
    assert plan_exit(loud) is ExitCode.INVALID
    assert report_exit(Report(plan=loud, outcomes=(failed,))) is ExitCode.FAILED
    full = replace(failed, error=ContentError("a.md cannot be read or written: No space left on device"))
    assert report_exit(Report(plan=loud, outcomes=(full,))) is ExitCode.FAILED
    assert report_exit(Report(plan=loud, outcomes=(failed,), is_interrupted=True)) is ExitCode.INTERRUPTED
    done = Outcome(change=change, status=Status.APPLIED)
    assert report_exit(Report(plan=quiet, outcomes=(done,))) is ExitCode.DONE
