"""Every setting of one installation, read once, checked once, frozen.

Sources, strongest first: `HOTLINE_SECTION_NAME` environment variables, the TOML file (`HOTLINE_CONFIG`, else
`HOME/hotline.toml`), the generated `HOME/secrets.toml` (mode 0600), the defaults below. HOME is `HOTLINE_HOME`,
else `var/` beside this package. A wrong or unknown setting is refused by name. Rooms receive their own section only.
"""

from hotline.settings.alert_section import AlertsSettings
from hotline.settings.desk_sections import AgentsSettings
from hotline.settings.group_section import GroupSettings
from hotline.settings.integration_sections import ImportsSettings, ReceiverSettings, WebhooksSettings
from hotline.settings.outbound_sections import OutboundSettings, WorkerSettings
from hotline.settings.outside_sections import OutsideSettings
from hotline.settings.page import as_markdown
from hotline.settings.report_section import ReportsSettings
from hotline.settings.sections import (
    LOOPBACK,
    REPOSITORY,
    SHIPPED_DANGER,
    SHIPPED_MENUS,
    SHIPPED_PHRASES,
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
from hotline.settings.whole import Settings, read_settings, sections, variables

__all__ = [
    "LOOPBACK",
    "REPOSITORY",
    "SHIPPED_DANGER",
    "SHIPPED_MENUS",
    "SHIPPED_PHRASES",
    "AgentsSettings",
    "AgiSettings",
    "AlertsSettings",
    "AmiSettings",
    "AnsweringSettings",
    "CentreSettings",
    "DatabaseSettings",
    "DutyLogSettings",
    "EmergencySettings",
    "FollowUpSettings",
    "GroupSettings",
    "ImportsSettings",
    "IncidentSettings",
    "LiveSettings",
    "MenuSettings",
    "OutboundSettings",
    "OutsideSettings",
    "PartsSettings",
    "QueuesSettings",
    "ReceiverSettings",
    "RecordingSettings",
    "RedisSettings",
    "ReportsSettings",
    "RetentionSettings",
    "Section",
    "Settings",
    "SipSettings",
    "TranscribeSettings",
    "VoiceSettings",
    "WebSettings",
    "WebhooksSettings",
    "WorkerSettings",
    "as_markdown",
    "read_settings",
    "sections",
    "variables",
]
