"""by the whole table.

Revision: 2026_11_23_seventh
After: 2026_11_22_sixth
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

import hotline.database

revision = "2026_11_23_seventh"
down_revision = "2026_11_22_sixth"
branch_labels = None
depends_on = None

NAMES = "matter, entry, kind, place, percent, seed, is_drawn, follow_up, at"


def upgrade() -> None:
    """Bring the sixth shape to the seventh."""
    call_backs_of_more_than_handled_matters()
    what_is_written_is_about()


def downgrade() -> None:
    """Bring the seventh shape back to the sixth."""
    op.drop_table("report_matter")
    op.execute("DELETE FROM report_built WHERE id = 2")
    call_backs_of_handled_matters_alone()


def call_backs_of_more_than_handled_matters() -> None:
    """A matter may have several draws, a home one of each newsletter; what was drawn stays while the table is anew."""
    op.create_table(
        "aftercare_share",
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("done_by", sa.String(length=80), nullable=False),
        sa.Column("at", hotline.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("place = 1", name=op.f("ck_aftercare_share_one_row")),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_aftercare_share")),
    )
    op.create_table(
        "outreach",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sort", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("buildings", sa.JSON(), nullable=False),
        sa.Column("done_by", sa.String(length=80), nullable=False),
        sa.Column("at", hotline.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("homes", sa.Integer(), nullable=False),
        sa.Column("finished_at", hotline.database.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outreach")),
        sa.UniqueConstraint("sort", "day", "title", name=op.f("uq_outreach_sort_day_title")),
    )
    op.create_index("ix_outreach_finished_at", "outreach", ["finished_at"], unique=False)
    op.create_table(
        "service_days",
        sa.Column("matter", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("middle_at", hotline.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ends_at", hotline.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("done_by", sa.String(length=80), nullable=False),
        sa.Column("at", hotline.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["matter"], ["follow_up.id"], name=op.f("fk_service_days_matter_follow_up")),
        sa.PrimaryKeyConstraint("matter", name=op.f("pk_service_days")),
    )
    op.create_index(op.f("ix_service_days_middle_at"), "service_days", ["middle_at"], unique=False)
    op.create_index(op.f("ix_service_days_ends_at"), "service_days", ["ends_at"], unique=False)
    _put_draws_aside()
    op.create_table(
        "aftercare_draw",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("matter", sa.Integer(), nullable=True),
        sa.Column("moment", sa.String(length=10), nullable=False),
        sa.Column("outreach", sa.Integer(), nullable=True),
        sa.Column("home_id", sa.Integer(), nullable=True),
        sa.Column("home", sa.String(length=80), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=True),
        *_columns_of_every_draw(),
        sa.Column("counted_from", hotline.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("call_by", hotline.database.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["follow_up"], ["follow_up.id"], name=op.f("fk_aftercare_draw_follow_up_follow_up")),
        sa.ForeignKeyConstraint(["matter"], ["follow_up.id"], name=op.f("fk_aftercare_draw_matter_follow_up")),
        sa.ForeignKeyConstraint(["outreach"], ["outreach.id"], name=op.f("fk_aftercare_draw_outreach_outreach")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aftercare_draw")),
        sa.UniqueConstraint("follow_up", name=op.f("uq_aftercare_draw_follow_up")),
        sa.UniqueConstraint("kind", "place", name=op.f("uq_aftercare_draw_kind_place")),
        sa.UniqueConstraint("matter", "moment", name=op.f("uq_aftercare_draw_matter_moment")),
        sa.UniqueConstraint("outreach", "home_id", name=op.f("uq_aftercare_draw_outreach_home_id")),
    )
    op.create_index("ix_aftercare_draw_at", "aftercare_draw", ["at"], unique=False)
    op.execute(
        f"INSERT INTO aftercare_draw (moment, home, {NAMES}) SELECT 'handled', '', {NAMES}"
        " FROM aftercare_draw_aside ORDER BY at, matter"
    )
    op.drop_table("aftercare_draw_aside")
    op.execute(
        "UPDATE aftercare_draw SET call_by = (SELECT due FROM follow_up WHERE follow_up.id = aftercare_draw.follow_up)"
        " WHERE follow_up IS NOT NULL"
    )


def what_is_written_is_about() -> None:
    """Complaints and repairs are counted by what they are about; the service fills it for old entries."""
    op.create_table(
        "report_matter",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("home", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("written_at", hotline.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"], ["duty_entry.number"], name=op.f("fk_report_matter_number_duty_entry"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_report_matter")),
    )
    op.create_index("ix_report_matter_home", "report_matter", ["home", "kind", "subject"], unique=False)
    op.create_index(
        "ix_report_matter_written_at", "report_matter", ["written_at", "kind", "home", "subject"], unique=False
    )


def call_backs_of_handled_matters_alone() -> None:
    """Draws that the shape before cannot hold are left out; the calls that are owed by them stay follow-ups."""
    _put_draws_aside(where="moment = 'handled' AND matter IS NOT NULL AND entry IS NOT NULL")
    op.create_table(
        "aftercare_draw",
        sa.Column("matter", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        *_columns_of_every_draw(),
        sa.ForeignKeyConstraint(["follow_up"], ["follow_up.id"], name=op.f("fk_aftercare_draw_follow_up_follow_up")),
        sa.ForeignKeyConstraint(["matter"], ["follow_up.id"], name=op.f("fk_aftercare_draw_matter_follow_up")),
        sa.PrimaryKeyConstraint("matter", name=op.f("pk_aftercare_draw")),
        sa.UniqueConstraint("follow_up", name=op.f("uq_aftercare_draw_follow_up")),
        sa.UniqueConstraint("kind", "place", name=op.f("uq_aftercare_draw_kind_place")),
    )
    op.create_index("ix_aftercare_draw_at", "aftercare_draw", ["at"], unique=False)
    op.execute(f"INSERT INTO aftercare_draw ({NAMES}) SELECT {NAMES} FROM aftercare_draw_aside")
    op.drop_table("aftercare_draw_aside")
    op.execute(
        "DELETE FROM aftercare_count WHERE kind IN ('paid-service-middle', 'paid-service-end', 'newsletter-event')"
    )
    op.execute("DELETE FROM follow_up_step WHERE what = 'service-days'")  # the shape before knows no such step
    op.drop_table("service_days")
    op.drop_table("outreach")
    op.drop_table("aftercare_share")


def _put_draws_aside(where: str = "1 = 1") -> None:
    op.execute(f"CREATE TABLE aftercare_draw_aside AS SELECT {NAMES} FROM aftercare_draw WHERE {where}")
    op.drop_table("aftercare_draw")


def _columns_of_every_draw() -> list[sa.Column[Any]]:
    return [
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=80), nullable=False),
        sa.Column("is_drawn", sa.Boolean(), nullable=False),
        sa.Column("follow_up", sa.Integer(), nullable=True),
        sa.Column("at", hotline.database.UtcDateTime(timezone=True), nullable=False),
    ]
