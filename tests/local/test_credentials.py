"""Where address and key come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from ghostsync.errors import ConfigError, CredentialsError
from ghostsync.local.config import Config, SiteSettings, load_config
from ghostsync.local.credentials import load_credentials

KEY = "65f0c2d1a2b3c4d5e6f7a8b9:" + "0123456789abcdef" * 4
OTHER = "75f0c2d1a2b3c4d5e6f7a8b9:" + "fedcba9876543210" * 4
URL = "https://example.com"


def test_the_environment_comes_first(tmp_path: Path) -> None:
    """`.env` fills in what the environment lacks and never overrides it."""
    (tmp_path / ".env").write_text(f"GHOST_ADMIN_API_URL=https://other.com\nGHOST_ADMIN_API_KEY={OTHER}\n")
    found = load_credentials(Config(root=tmp_path), None, {"GHOST_ADMIN_API_URL": URL, "GHOST_ADMIN_API_KEY": KEY})
    assert (found.url, found.key, found.source) == (URL, KEY, "environment")
    mixed = load_credentials(Config(root=tmp_path), None, {"GHOST_ADMIN_API_URL": URL})
    assert (mixed.url, mixed.key, mixed.source) == (URL, OTHER, ".env")


def test_dotenv_is_found_beside_the_configuration_and_above(tmp_path: Path) -> None:
    """The nearest `.env` from the content upward counts, up to the repository's root and not beyond."""
    repository = tmp_path / "repository"
    (repository / "content").mkdir(parents=True)
    (repository / ".git").mkdir()
    (tmp_path / ".env").write_text(f"GHOST_ADMIN_API_KEY={OTHER}\n")
    config = Config(root=repository / "content")
    with pytest.raises(CredentialsError, match="GHOST_ADMIN_API_KEY is not set"):
        load_credentials(config, None, {"GHOST_ADMIN_API_URL": URL})
    (repository / ".env").write_text(f'export GHOST_ADMIN_API_KEY="{KEY}"  # ours\n')
    assert load_credentials(config, None, {"GHOST_ADMIN_API_URL": URL}).key == KEY


def test_each_of_several_sites_has_its_own_key(tmp_path: Path) -> None:
    """With several sites the plain key is nobody's: a key of one site is never tried on another."""
    sites = {name: SiteSettings(name=name, url=f"https://{name}.com") for name in ("production", "my-stage")}
    config = Config(root=tmp_path, sites=sites)
    environ = {"GHOST_ADMIN_API_KEY": OTHER, "GHOST_ADMIN_API_KEY_MY_STAGE": KEY}
    found = load_credentials(config, "my-stage", environ)
    assert (found.url, found.key) == ("https://my-stage.com", KEY)
    with pytest.raises(CredentialsError, match="GHOST_ADMIN_API_KEY_PRODUCTION is not set"):
        load_credentials(config, "production", environ)
    with pytest.raises(ConfigError, match="several sites"):
        load_credentials(config, None, environ)


def test_control_with_one_site_the_plain_key_is_its_own(tmp_path: Path) -> None:
    """One site, one key: no suffix is needed."""
    config = Config(root=tmp_path, sites={"production": SiteSettings(name="production", url=URL)})
    assert load_credentials(config, "production", {"GHOST_ADMIN_API_KEY": KEY}).key == KEY


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("a" * 26, "Content API key"),
        ("nonsense", "no colon"),
        (KEY[:-1], "64"),
        (KEY.replace(":", ""), "no colon"),
    ],
)
def test_a_malformed_key_is_refused_without_being_repeated(tmp_path: Path, key: str, message: str) -> None:
    """The message says what is wrong with the key and does not show it."""
    with pytest.raises(CredentialsError) as refused:
        load_credentials(Config(root=tmp_path), None, {"GHOST_ADMIN_API_URL": URL, "GHOST_ADMIN_API_KEY": key})
    assert message in str(refused.value)
    assert key not in f"{refused.value} {refused.value.hint}"


def test_nothing_set_says_what_to_set(tmp_path: Path) -> None:
    """Without an address the message names the variable."""
    with pytest.raises(CredentialsError) as refused:
        load_credentials(Config(root=tmp_path), None, {})
    assert "GHOST_ADMIN_API_URL" in str(refused.value)
    assert "export" in (refused.value.hint or "")


def test_the_key_is_in_no_printed_form(tmp_path: Path) -> None:
    """Printing credentials shows no secret."""
    found = load_credentials(Config(root=tmp_path), None, {"GHOST_ADMIN_API_URL": URL, "GHOST_ADMIN_API_KEY": KEY})
    assert KEY not in f"{found} {found!r}"


def test_the_configured_address_needs_only_a_key(tmp_path: Path) -> None:
    """`[sites.x] url` with a key from the environment is enough."""
    (tmp_path / "ghostsync.toml").write_text(f'[sites.main]\nurl = "{URL}"\n')
    assert load_credentials(load_config(tmp_path), None, {"GHOST_ADMIN_API_KEY": KEY}).url == URL
