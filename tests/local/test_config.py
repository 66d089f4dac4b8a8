"""Configuration and the content root."""

from __future__ import annotations

from pathlib import Path

import pytest

from ghostsync.core.configuration import Unmanaged
from ghostsync.core.plan import Prune
from ghostsync.errors import ConfigError
from ghostsync.local.config import EVERYTHING, Selection, load_config, locate
from ghostsync.local.tree import ContentTree
from ghostsync.model import DocPath

KEY = "65f0c2d1a2b3c4d5e6f7a8b9:" + "0123456789abcdef" * 4


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A content tree without configuration: `content/posts/sub/b.md` and `content/posts/a.md`."""
    (tmp_path / "content/posts/sub").mkdir(parents=True)
    (tmp_path / "content/posts/a.md").write_text("a")
    (tmp_path / "content/posts/sub/b.md").write_text("b")
    return tmp_path


def located(cwd: Path, *paths: str) -> tuple[Path, Selection, list[DocPath]]:
    """Return the root, the selection and the documents that a command line means."""
    config, selection = locate([Path(path) for path in paths], None, cwd)
    found = ContentTree(config, selection).load()
    assert found.problems == ()
    return config.root, selection, [document.path for document in found.documents]


def test_documents_know_the_marker_tag(tmp_path: Path) -> None:
    """The one of the configuration, none where none is wanted, the usual one without a configuration."""
    assert load_config(tmp_path).documents.marker == "#ghostsync"
    for written, marker in (("#files", "#files"), ("", None)):
        (tmp_path / "ghostsync.toml").write_text(f'marker_tag = "{written}"\n')
        assert load_config(tmp_path).documents.marker == marker


def test_from_above_and_from_inside_it_is_one_tree(tree: Path) -> None:
    """`push ./content` from above and `push .` inside mean the same root and the same paths."""
    everything = (tree / "content", EVERYTHING, ["posts/a.md", "posts/sub/b.md"])
    assert located(tree, "./content") == everything
    assert located(tree / "content", ".") == everything
    assert located(tree / "content") == everything


def test_with_a_configuration_it_is_the_same_tree(tree: Path) -> None:
    """With `ghostsync.toml` above, every way of naming it gives the tree that `content` names."""
    (tree / "ghostsync.toml").write_text('content = "content"\n')
    everything = (tree / "content", EVERYTHING, ["posts/a.md", "posts/sub/b.md"])
    assert located(tree) == everything
    assert located(tree, ".") == everything
    assert located(tree, "content") == everything
    assert located(tree / "content/posts") == everything
    assert located(tree.parent, str(tree)) == everything


def test_a_path_below_the_root_is_a_selection(tree: Path) -> None:
    """With a configuration, a folder or file below the root selects it; record paths stay those of the root."""
    (tree / "ghostsync.toml").write_text('content = "content"\n')
    assert located(tree, "content/posts/sub") == (
        tree / "content",
        Selection(paths=(DocPath("posts/sub"),)),
        ["posts/sub/b.md"],
    )
    _, selection, found = located(tree / "content", "posts/a.md", "posts/sub")
    assert not selection.is_everything
    assert found == ["posts/a.md", "posts/sub/b.md"]
    assert not selection.covers("posts/subway.md")


def test_without_configuration_a_file_is_a_selection_of_the_current_folder(tree: Path) -> None:
    """A file has no tree of its own."""
    assert located(tree / "content", "posts/a.md") == (
        tree / "content",
        Selection(paths=(DocPath("posts/a.md"),)),
        ["posts/a.md"],
    )


def test_the_nearest_configuration_counts(tree: Path) -> None:
    """A configuration inside overrides one above; `--config` overrides both."""
    (tree / "ghostsync.toml").write_text('content = "content"\nproject = "outer"\n')
    (tree / "content/ghostsync.toml").write_text('project = "inner"\n')
    assert load_config(tree / "content/posts").project == "inner"
    assert load_config(tree).project == "outer"
    assert load_config(tree / "content/posts", tree / "ghostsync.toml").project == "outer"


def test_pyproject_counts_only_with_its_section(tree: Path) -> None:
    """A `pyproject.toml` without `[tool.ghostsync]` is somebody else's; one with it configures, with right lines."""
    (tree / "pyproject.toml").write_text('[project]\nname = "ghostsync-notes"\n')
    assert load_config(tree).file is None
    (tree / "pyproject.toml").write_text('[project]\nname = "x"\n\n[tool.ghostsync]\ncontent = "content"\njobs = 0\n')
    with pytest.raises(ConfigError) as refused:
        load_config(tree)
    assert [(one.path, one.line) for one in refused.value.problems] == [("pyproject.toml", 6)]


def test_a_path_outside_the_root_or_missing_is_refused(tree: Path) -> None:
    """Nothing outside the content root can be meant."""
    (tree / "ghostsync.toml").write_text('content = "content"\n')
    (tree / "other").mkdir()
    with pytest.raises(ConfigError, match="outside the content directory"):
        locate([Path("other")], None, tree)
    with pytest.raises(ConfigError, match="does not exist"):
        locate([Path("nothing")], None, tree)


def test_a_document_that_is_gone_can_be_meant(tree: Path) -> None:
    """By its path, by those who ask Ghost about it; a folder or a picture that is not there is a slip all the same."""
    (tree / "ghostsync.toml").write_text('content = "content"\n')
    _, selection = locate([Path("content/posts/gone.md")], None, tree, may_be_gone=True)
    assert selection.paths == ("posts/gone.md",)
    for slip in ("content/gone", "content/gone.png"):
        with pytest.raises(ConfigError, match="does not exist"):
            locate([Path(slip)], None, tree, may_be_gone=True)
    with pytest.raises(ConfigError, match="outside the content directory"):
        locate([Path("../gone.md")], None, tree, may_be_gone=True)


def test_a_path_is_meant_as_plans_show_it(tree: Path) -> None:
    """Plans and hints name documents from the content root: typed in the folder above, or beside it, they are those."""
    (tree / "ghostsync.toml").write_text('content = "content"\n')
    (tree / "content" / "a b").mkdir()
    (tree / "content" / "a b" / "x.md").write_text("x")
    (tree / "other").mkdir()
    for start in (tree, tree / "other", tree / "content"):
        assert locate([Path("a b/x.md")], None, start)[1].paths == ("a b/x.md",)
        assert locate([Path("a b/gone.md")], None, start, may_be_gone=True)[1].paths == ("a b/gone.md",)
    # What is there, seen from the current folder, comes first.
    (tree / "content" / "content" / "a b").mkdir(parents=True)
    (tree / "content" / "content" / "a b" / "x.md").write_text("x")
    assert locate([Path("content/a b/x.md")], None, tree)[1].paths == ("a b/x.md",)


def test_everything_that_can_be_set(tmp_path: Path) -> None:
    """Each key arrives where it belongs."""
    (tmp_path / "ghostsync.toml").write_text(
        """
project = "blog"
site = "production"
marker_tag = "#from-git"
prune = "draft"
jobs = 8
timezone = "Europe/Vienna"
strict = true
preset = "hugo"
ignore = ["mood"]
documents = ["README.md"]

[sites.production]
url = "https://example.com"
[sites.staging]
url = "http://localhost:2368/blog"

[aliases]
blurb = "excerpt"

[defaults."posts/**"]
draft = false
tags = ["News"]

[body]
dialect = "commonmark"

[pull]
unmanaged = "ignore"
posts = "posts/{year}/{slug}/index.md"
media = "./img"

[hook]
branches = ["live"]
push = true

[watch]
debounce = 500
"""
    )
    config = load_config(tmp_path)
    assert (config.project, config.marker_tag, config.prune, config.jobs) == ("blog", "#from-git", Prune.DRAFT, 8)
    assert config.site() is config.sites["production"]
    assert config.site("staging").url == "http://localhost:2368/blog"  # type: ignore[union-attr]
    assert str(config.documents.zone) == "Europe/Vienna"
    assert config.documents.strict
    (rule,) = config.documents.defaults
    assert rule.fields == {"status": "published", "tags": ("News",)}
    assert config.dialect == "commonmark"
    assert (config.pull.unmanaged, config.pull.posts) == (Unmanaged.IGNORE, "posts/{year}/{slug}/index.md")
    assert (config.pull.media, config.hook_branches, config.hook_push) == ("./img", ("live",), True)
    assert config.debounce_ms == 500
    (tmp_path / "README.md").write_text("---\nblurb: b\nmood: x\ndescription: d\n---\n")
    loaded = ContentTree(config).load()
    assert loaded.problems == ()
    assert loaded.warnings == ()
    assert loaded.documents[0].fields["excerpt"] == "b"  # type: ignore[index]


def test_every_fault_is_reported_at_once_with_its_line(tmp_path: Path) -> None:
    """One run tells all that is wrong."""
    (tmp_path / "ghostsync.toml").write_text(
        f"""content = "nowhere"
projct = "x"
jobs = 99
prune = "maybe"
timezone = "Mars/X"
strict = "yes"
preset = "wordpress"
ignore = "x"
site = "prod"
marker_tag = "nohash"
[sites.production]
url = "nope"
[defaults."posts/**"]
status = "publishd"
title = "all the same"
[pull]
posts = "../{{slug}}.md"
pages = "page.md"
media = "/abs"
[aliases]
desc = "nothing"
key = "{KEY}"
"""
    )
    with pytest.raises(ConfigError) as refused:
        load_config(tmp_path)
    found = refused.value.problems
    assert sorted({problem.line for problem in found if problem.line}) == [
        *range(1, 11), 12, 14, 15, 17, 18, 19, 21, 22,
    ]  # fmt: skip
    assert "did you mean `project`?" in {problem.hint for problem in found}
    assert KEY not in str(refused.value)
    assert KEY not in repr(found)


def test_a_default_without_a_pattern_is_told_where_it_belongs(tmp_path: Path) -> None:
    """Who means every document reads how to say so, and what the hint says works."""
    file = tmp_path / "ghostsync.toml"
    file.write_text('[defaults]\nstatus = "published"\n')
    with pytest.raises(ConfigError) as refused:
        load_config(tmp_path)
    (problem,) = refused.value.problems
    assert problem.line == 2
    assert problem.message == "`defaults.status` is a pattern of files with their front matter, not `published`"
    assert problem.hint is not None
    file.write_text(f'{problem.hint.split("`")[1]}\nstatus = "published"\n')
    (rule,) = load_config(tmp_path).documents.defaults
    assert rule.glob.matches("a.md")
    assert rule.glob.matches("posts/2026/a.md")


def test_a_key_anywhere_in_the_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    """Even in a comment: the file is shared, and so would the key be."""
    (tmp_path / "ghostsync.toml").write_text(f"# old key {KEY}\n[sites.a]\nadmin_key = 'x'\n")
    with pytest.raises(ConfigError) as refused:
        load_config(tmp_path)
    assert [problem.line for problem in refused.value.problems] == [1, 3]
    assert KEY not in str(refused.value)


def test_broken_toml_names_its_line(tmp_path: Path) -> None:
    """What TOML itself refuses is a fault like any other."""
    (tmp_path / "ghostsync.toml").write_text("a = 1\nb = = 2\n")
    with pytest.raises(ConfigError) as refused:
        load_config(tmp_path)
    assert [problem.line for problem in refused.value.problems] == [2]


def test_several_sites_need_a_choice(tmp_path: Path) -> None:
    """No site is taken by chance, and an unknown one names those there are."""
    (tmp_path / "ghostsync.toml").write_text('[sites.a]\nurl = "https://a.com"\n[sites.b]\nurl = "https://b.com"\n')
    config = load_config(tmp_path)
    with pytest.raises(ConfigError, match="several sites"):
        config.site()
    with pytest.raises(ConfigError) as refused:
        config.site("c")
    assert "a, b" in (refused.value.hint or "")


def test_no_marker_tag(tmp_path: Path) -> None:
    """An empty marker tag or `false` means none."""
    for text in ('marker_tag = ""\n', "marker_tag = false\n"):
        (tmp_path / "ghostsync.toml").write_text(text)
        assert load_config(tmp_path).marker_tag is None
    (tmp_path / "ghostsync.toml").write_text("")
    assert load_config(tmp_path).marker_tag == "#ghostsync"


def test_a_link_to_the_tree_is_the_tree(tree: Path) -> None:
    """A content root reached through a link is the folder itself."""
    (tree / "link").symlink_to(tree / "content")
    assert located(tree, "link")[0] == tree / "content"


def test_a_pattern_of_slugs_must_tell_documents_apart(tmp_path: Path) -> None:
    """An unknown part, or none that differs between the documents of a folder, is a fault with its line."""
    for text, said in (("{slug}", "knows no {slug}"), ("{folder}", "same slug"), ("x", "same slug")):
        (tmp_path / "ghostsync.toml").write_text(f'slug = "{text}"\n')
        with pytest.raises(ConfigError) as caught:
            load_config(tmp_path)
        assert said in caught.value.problems[0].message
        assert caught.value.problems[0].line == 1
    (tmp_path / "ghostsync.toml").write_text('slug = "{folder}-{name}"\n')
    assert load_config(tmp_path).documents.slug == "{folder}-{name}"
