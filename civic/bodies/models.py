"""Tables of bodies, categories and responsibilities."""

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from civic.core.database import Base, Translated


class Body(Base):
    """An administrative body or utility that answers complaints in one city.

    parent_id: the body above, which a second dispute goes to. district_id: set for a district akim's office.
    domains: ends of e-mail addresses, such as ``shymkent.gov.kz``, that its people have; none: any address may be invited.
    """

    __tablename__ = "body"
    __table_args__ = (UniqueConstraint("city_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"), index=True)
    code: Mapped[str] = mapped_column(String(64))
    name: Mapped[dict[str, str]] = mapped_column(Translated)
    district_id: Mapped[int | None] = mapped_column(ForeignKey("district.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("body.id"))
    domains: Mapped[list[str]] = mapped_column(JSON, default=list)
    active: Mapped[bool] = mapped_column(default=True)


class Category(Base):
    """What a complaint is about; a tree of two levels.

    duplicate_radius_m: how near, in metres, an open complaint of the same category may be the same one; 0 is off.
    danger: reports of danger or crime, which may never be returned (article 64(7-2)).
    appeal_kind: the kind of appeal chosen unless the resident chooses another.
    """

    __tablename__ = "category"
    __table_args__ = (CheckConstraint("duplicate_radius_m >= 0", name="radius_not_negative"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"), index=True)
    name: Mapped[dict[str, str]] = mapped_column(Translated)
    direction: Mapped[str] = mapped_column(String(32))
    emergency_phone: Mapped[str | None] = mapped_column(String(8))
    danger: Mapped[bool] = mapped_column(default=False)
    wants_after_photo: Mapped[bool] = mapped_column(default=False)
    duplicate_radius_m: Mapped[int] = mapped_column(default=0)
    appeal_kind: Mapped[str] = mapped_column(String(16), default="notice")
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)


class Responsibility(Base):
    """Who answers in a city for a category, everywhere (no district) or in one district."""

    __tablename__ = "responsibility"
    __table_args__ = (
        Index("uq_responsibility_place", "city_id", "category_id", "district_id", unique=True),
        Index(
            "uq_responsibility_city", "city_id", "category_id", unique=True,
            sqlite_where=text("district_id IS NULL"),
            postgresql_where=text("district_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"), index=True)
    district_id: Mapped[int | None] = mapped_column(ForeignKey("district.id"), index=True)
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"), index=True)
