"""service in sums.

Revision: 2026_11_23_eighth
After: 2026_11_23_seventh
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_eighth"
down_revision = "2026_11_23_seventh"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the seventh shape to the eighth: the service fills what is new."""
    op.create_table(
        "report_service_sum",
        sa.Column("span", sa.String(length=10), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("span", name=op.f("pk_report_service_sum")),
    )
    op.create_table(
        "report_service_behind",
        sa.Column("span", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("span", name=op.f("pk_report_service_behind")),
    )


def downgrade() -> None:
    """Bring the eighth shape back to the seventh."""
    op.execute("DELETE FROM report_built WHERE id = 3")
    op.drop_table("report_service_behind")
    op.drop_table("report_service_sum")
