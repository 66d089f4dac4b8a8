"""Where the site's address and Admin API key come from: never from a tracked file.

In this order, the first that has it: the environment, a `.env` file (beside the configuration, or in a folder above the
content), the system's keyring. Each of the two values is looked for by itself, so a configured `url` with a key from
the keyring works.

For one site the names are those that Ghost's own GitHub actions use: GHOST_ADMIN_API_URL and GHOST_ADMIN_API_KEY. With
several sites each may have its own, with the site's name in capitals behind: GHOST_ADMIN_API_KEY_PRODUCTION for
`--site production`. When a site was named on purpose and several are configured, the plain key is not taken for it:
a key of one site must not be tried on another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values

from ghostsync.errors import CredentialsError
from ghostsync.local.config import Config, SiteSettings

URL_NAME = "GHOST_ADMIN_API_URL"
KEY_NAME = "GHOST_ADMIN_API_KEY"
KEYRING_SERVICE = "ghostsync"

_ADMIN_KEY = re.compile(r"[0-9a-f]{24}:[0-9a-f]{64}")
_CONTENT_KEY = re.compile(r"[0-9a-f]{26}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The address of a site and the key that opens it."""

    url: str
    key: str = field(repr=False)
    """`id:secret`; hidden from every printed form."""
    source: str
    """Where the key was found, for people."""


def load_credentials(config: Config, site: str | None, environ: Mapping[str, str]) -> Credentials:
    """Return address and key of the site that is meant. Raises CredentialsError, ConfigError for an unknown site."""
    chosen = config.site(site)
    names = _names(config, chosen)
    dotenv = _read_dotenv(config)
    url = _first(environ, names(URL_NAME)) or (chosen.url if chosen else None) or _first(dotenv, names(URL_NAME))
    if url is None:
        raise CredentialsError(
            f"the address of the site is not known: {names(URL_NAME)[0]} is not set",
            hint=_where_to_say_it(config, names(URL_NAME)[0]),
        )
    for source in ("environment", ".env", "keyring"):
        if source == "keyring":
            value = _read_keyring(url)  # last: it is slow to ask
        else:
            value = _first(environ if source == "environment" else dotenv, names(KEY_NAME))
        if value is not None:
            return Credentials(url=url, key=checked_key(value, source), source=source)
    raise CredentialsError(
        f"no Admin API key for {url}: {names(KEY_NAME)[0]} is not set",
        hint="in Ghost: Settings → Integrations → Add custom integration, then "
        f"`export {names(KEY_NAME)[0]}=…`, or a line `{names(KEY_NAME)[0]}=…` in .env",
    )


def _where_to_say_it(config: Config, name: str) -> str:
    if config.file is None:
        first = "`ghostsync init` asks for it"
    else:
        first = f"set `url` under [sites.production] in {config.file.name}"
    return f"{first}, or `export {name}=https://example.com`; `--sandbox` is a Ghost on this machine"


def checked_key(value: str, source: str) -> str:
    """Return an Admin API key that has the right form. Raises CredentialsError, without repeating the key.

    `source` is where the key was found, for people; `answer` where somebody has just typed it.
    """
    key = value.strip()
    if _ADMIN_KEY.fullmatch(key.lower()):
        return key
    this = "this" if source == "answer" else f"the key from the {source}"
    if _CONTENT_KEY.fullmatch(key.lower()):
        raise CredentialsError(
            f"{this} is a Content API key, which can only read",
            hint="copy the *Admin* API key of the same integration: it has a colon in it",
        )
    shape = "it has no colon" if ":" not in key else "the part before the colon has 24 hex digits, the one behind it 64"
    raise CredentialsError(
        f"{this} is not an Admin API key ({len(key)} characters): {shape}",
        hint="copy it again from Ghost: Settings → Integrations",
    )


def refuse_keyring() -> None:
    """Raise CredentialsError where no key can be kept in the system's keyring."""
    try:
        # An extra, and slow to import: it asks every backend whether it works.
        import keyring  # noqa: PLC0415
        from keyring.backends import fail  # noqa: PLC0415
    except ImportError:
        raise CredentialsError(
            "ghostsync was installed without what talks to keyrings", hint="`pip install 'ghostsync[keyring]'`"
        ) from None
    if isinstance(keyring.get_keyring(), fail.Keyring):
        raise CredentialsError("this system has no keyring that works", hint="keep the key in .env: `--store env`")


def store_key(url: str, key: str) -> None:
    """Save a key in the system's keyring. Raises CredentialsError where there is none."""
    refuse_keyring()
    import keyring  # noqa: PLC0415 (see above)
    from keyring.errors import KeyringError  # noqa: PLC0415

    try:
        keyring.set_password(KEYRING_SERVICE, url.rstrip("/"), checked_key(key, "command line"))
    except KeyringError as wrong:
        raise CredentialsError(
            f"the keyring does not take the key: {wrong}", hint="keep the key in .env: `--store env`"
        ) from None


def _names(config: Config, site: SiteSettings | None) -> _Names:
    if site is None:
        return _Names(None, plain=True)
    return _Names(re.sub(r"[^A-Z0-9]+", "_", site.name.upper()), plain=len(config.sites) == 1)


@dataclass(frozen=True, slots=True)
class _Names:
    """Which variables hold a value for the site that is meant, the most specific first."""

    suffix: str | None
    plain: bool

    def __call__(self, name: str) -> tuple[str, ...]:
        specific = () if self.suffix is None else (f"{name}_{self.suffix}",)
        return (*specific, name) if self.plain else specific


def _first(values: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((values[name].strip() for name in names if values.get(name, "").strip()), None)


def _read_dotenv(config: Config) -> dict[str, str]:
    """Return the nearest `.env`: from the content root upward to the configuration's folder, or to the repository's."""
    for folder in _dotenv_folders(config):
        file = folder / ".env"
        if not file.is_file():
            continue
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as wrong:
            why = (wrong.strerror or "it failed").lower() if isinstance(wrong, OSError) else "it is not UTF-8"
            raise CredentialsError(f"{file} cannot be read: {why}", hint=f"look at it: `ls -l {file}`") from None
        return {name: value for name, value in dotenv_values(stream=StringIO(text), interpolate=False).items() if value}
    return {}


def _dotenv_folders(config: Config) -> list[Path]:
    folders = [config.folder] if config.folder != config.root else []
    for folder in (config.root, *config.root.parents):
        folders.append(folder)
        if (folder / ".git").exists():
            break
    return folders


def _read_keyring(url: str) -> str | None:
    try:
        # An extra, and slow to import: it asks every backend whether it works.
        import keyring  # noqa: PLC0415
        from keyring.errors import KeyringError  # noqa: PLC0415
    except ImportError:
        return None
    try:
        found = keyring.get_password(KEYRING_SERVICE, url.rstrip("/"))
    except (KeyringError, OSError, RuntimeError):
        # A headless machine has no keyring, and says so in many ways.
        return None
    return str(found) if found else None
