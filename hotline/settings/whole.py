"""All settings together, and how they are read: once, checked once, frozen."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self, get_origin

from pydantic import ValidationError, model_validator

from hotline.errors import SettingsRefused
from hotline.settings.alert_section import AlertsSettings
from hotline.settings.desk_sections import AgentsSettings
from hotline.settings.group_section import GroupSettings
from hotline.settings.integration_sections import ImportsSettings, WebhooksSettings
from hotline.settings.outbound_sections import OutboundSettings, WorkerSettings
from hotline.settings.outside_sections import OutsideSettings
from hotline.settings.report_section import ReportsSettings
from hotline.settings.sections import (
    REPOSITORY,
    SHIPPED_DANGER,
    SHIPPED_MENUS,
    AgiSettings,
    AmiSettings,
    AnsweringSettings,
    CentreSettings,
    DatabaseSettings,
    DutyLogSettings,
    EmergencySettings,
    FollowUpSettings,
    IncidentSettings,
    LiveSettings,
    MenuSettings,
    PartsSettings,
    QueuesSettings,
    RecordingSettings,
    RedisSettings,
    RetentionSettings,
    Section,
    SipSettings,
    TranscribeSettings,
    VoiceSettings,
)
from hotline.settings.web_section import WebSettings

# Two legs of a talk, two ports each; and one more for whoever is told meanwhile that too many call, or is in danger.
PORTS_A_CALL: Final = 5


class Settings(Section):
    """All sections together; only `__main__`, `app` and `worker.settings` see the whole."""

    home: Path = REPOSITORY / "var"
    centre: CentreSettings = CentreSettings()
    web: WebSettings = WebSettings()
    ami: AmiSettings = AmiSettings()
    agi: AgiSettings = AgiSettings()
    sip: SipSettings = SipSettings()
    answering: AnsweringSettings = AnsweringSettings()
    menu: MenuSettings = MenuSettings()
    queues: QueuesSettings = QueuesSettings()
    agents: AgentsSettings = AgentsSettings()
    emergency: EmergencySettings = EmergencySettings()
    followups: FollowUpSettings = FollowUpSettings()
    alerts: AlertsSettings = AlertsSettings()
    reports: ReportsSettings = ReportsSettings()
    dutylog: DutyLogSettings = DutyLogSettings()
    incidents: IncidentSettings = IncidentSettings()
    voice: VoiceSettings = VoiceSettings()
    recording: RecordingSettings = RecordingSettings()
    retention: RetentionSettings = RetentionSettings()
    transcribe: TranscribeSettings = TranscribeSettings()
    live: LiveSettings = LiveSettings()
    outbound: OutboundSettings = OutboundSettings()
    outside: OutsideSettings = OutsideSettings()
    webhooks: WebhooksSettings = WebhooksSettings()
    imports: ImportsSettings = ImportsSettings()
    worker: WorkerSettings = WorkerSettings()
    database: DatabaseSettings = DatabaseSettings()
    redis: RedisSettings = RedisSettings()
    group: GroupSettings = GroupSettings()
    parts: PartsSettings = PartsSettings()

    @model_validator(mode="after")
    def _sound_has_room(self) -> Self:
        ports = self.sip.rtp_to - self.sip.rtp_from + 1
        if self.answering.most_calls * PORTS_A_CALL > ports:
            raise ValueError(
                f"answering.most_calls = {self.answering.most_calls} wants {PORTS_A_CALL} ports for sound a call, and"
                f" sip.rtp_from to sip.rtp_to are {ports}: at most {ports // PORTS_A_CALL} calls, or more ports"
            )
        return self

    @property
    def run_directory(self) -> Path:
        """Sockets and process ids; kept short because a Unix socket's path may have 107 bytes."""
        return self.home / "run"

    @property
    def recordings_directory(self) -> Path:
        return self.recording.directory or self.home / "recordings"

    @property
    def recording_key_file(self) -> Path:
        """The key of encrypted recordings; only a copy of it gives them back."""
        return self.recording.key_file or self.home / "recordings.key"

    @property
    def database_url(self) -> str:
        return self.database.url or f"sqlite+aiosqlite:///{self.home / 'hotline.db'}"

    @property
    def redis_url(self) -> str:
        return self.redis.url or f"unix://{self.run_directory / 'redis.sock'}"

    @property
    def cel_store(self) -> Path:
        """The SQLite file into which Asterisk itself writes its channel event log."""
        return self.home / "asterisk" / "log" / "master.db"

    @property
    def menus_file(self) -> Path:
        """The menus: the one named, else the site's own, else the one we come with."""
        own = self.home / "menus.toml"
        return self.menu.file or (own if own.is_file() else SHIPPED_MENUS)

    @property
    def danger_file(self) -> Path:
        """The words of danger: the file named, else the site's own, else the one we come with."""
        own = self.home / "danger.toml"
        return self.live.danger_file or (own if own.is_file() else SHIPPED_DANGER)

    @property
    def page_libraries(self) -> Path:
        """Where set-up puts the libraries of the pages (hotline/install/browser_parts.py)."""
        return self.parts.directory / "browser"

    @property
    def sounds_directory(self) -> Path:
        return REPOSITORY / "deploy" / "asterisk" / "sounds" / "zh"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read, check and freeze the settings.

    Raises SettingsRefused, which names each wrong setting and where it came from.
    """
    environment = os.environ if environment is None else environment
    home = Path(environment.get("HOTLINE_HOME") or REPOSITORY / "var").absolute()
    config = Path(environment.get("HOTLINE_CONFIG") or home / "hotline.toml")
    if environment.get("HOTLINE_CONFIG") and not config.is_file():
        raise SettingsRefused(f"HOTLINE_CONFIG names {config}, which is not a file")
    from_files = _overlaid(_read_toml(home / "secrets.toml"), _read_toml(config))
    if "home" in from_files:
        raise SettingsRefused(f"'home' cannot be set in {config}: set HOTLINE_HOME instead")
    values = _overlaid(from_files, _from_variables(environment))
    try:
        return Settings(**{**values, "home": home})
    except ValidationError as wrong:
        lines = [f"  {'.'.join(str(part) for part in error['loc'])}: {error['msg']}" for error in wrong.errors()]
        raise SettingsRefused(
            f"settings refused (from {config} and HOTLINE_… variables):\n" + "\n".join(lines)
        ) from None


def variables() -> dict[str, tuple[str, str]]:
    """Return every environment variable that is a setting, with its section and name in the TOML file."""
    return {
        f"HOTLINE_{section}_{name}".upper(): (section, name)
        for section, kind in sections().items()
        for name, field in kind.model_fields.items()
        if get_origin(field.annotation) is not Mapping  # a table of secrets stands in a file, not in the environment
    }


def sections() -> dict[str, type[Section]]:
    """Return the sections by name."""
    kinds = {name: field.annotation for name, field in Settings.model_fields.items()}
    return {name: kind for name, kind in kinds.items() if isinstance(kind, type) and issubclass(kind, Section)}


def _from_variables(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the values that stand in the environment; a list is written with commas."""
    known = variables()
    given = {name: value for name, value in environment.items() if name.startswith("HOTLINE_")}
    unknown = set(given) - set(known) - {"HOTLINE_HOME", "HOTLINE_CONFIG"}
    if unknown:
        raise SettingsRefused("unknown settings in the environment: " + ", ".join(sorted(unknown)))
    values: dict[str, Any] = {}
    for variable, (section, name) in known.items():
        if variable in given:
            is_list = get_origin(sections()[section].model_fields[name].annotation) is tuple
            text = given[variable]
            values.setdefault(section, {})[name] = [part.strip() for part in text.split(",")] if is_list else text
    return values


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise SettingsRefused(f"{path} cannot be read: {wrong}") from wrong


def _overlaid(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for name, value in above.items():
        both = isinstance(value, dict) and isinstance(merged.get(name), dict)
        merged[name] = _overlaid(merged[name], value) if both else value
    return merged
