"""Who lives and works in the demonstration. All are invented; every address ends in demo.test, which no mail reaches."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_security.utils import hash_password
from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.accounts import posts
from civic.accounts.models import Contact, User
from civic.accounts.service import claim_contact, contact_for
from civic.bodies.models import Body
from civic.core.actor import SYSTEM, Actor, Post, RoleName
from civic.places.models import City

DOMAIN = "demo.test"
NEIGHBOURS = 45


@dataclass(frozen=True)
class Person:
    """An account. post: its role, in the body (or the city of a moderator) ``where`` of ``city``."""

    account: str
    name: str
    post: RoleName | None = None
    where: str = ""
    title: str = ""
    city: str = "shymkent"
    locale: str = "kk"


#: Those that the start prints, then those who are there so that other bodies answer too.
SHOWN: Sequence[Person] = (
    Person("resident", "Айгүл Серікқызы"),
    Person("official", "Нұрлан Қасымов", RoleName.OFFICIAL, "district-turan", "Бас маман"),
    Person("head", "Бақыт Ермекұлы", RoleName.HEAD, "district-turan", "Аппарат басшысы"),
    Person("organiser", "Дана Сәрсенова"),
    Person("moderator", "Әсел Нұржанова", RoleName.MODERATOR),
    Person("admin", "Рустем Ғалымов", RoleName.ADMINISTRATOR),
)
OTHERS: Sequence[Person] = (
    Person("colleague", "Гаухар Төребекова", RoleName.OFFICIAL, "district-turan", "Маман"),
    Person("akimat", "Серік Айдаров", RoleName.HEAD, "akimat", "Бөлім басшысы"),
    Person("road", "Марат Ибраев", RoleName.HEAD, "road", "Басқарма басшысы"),
    Person("water", "Ольга Нестерова", RoleName.HEAD, "water", "Начальник участка", locale="ru"),
    Person("power", "Талғат Жүнісов", RoleName.HEAD, "power", "Аудандық желі басшысы"),
    Person("waste", "Ринат Галиев", RoleName.HEAD, "waste", "Диспетчер", locale="ru"),
    Person("eco", "Жанна Бейсенова", RoleName.HEAD, "eco", "Басқарма басшысы"),
    Person("space", "Андрей Мельник", RoleName.HEAD, "space", "Главный специалист", locale="ru"),
    Person("traffic", "Ұлан Сапаров", RoleName.HEAD, "traffic", "Бөлім басшысы"),
    Person("abai", "Күләш Әбенова", RoleName.HEAD, "district-abai", "Аппарат басшысы"),
    Person("al-farabi", "Ержан Мәуленов", RoleName.HEAD, "district-al-farabi", "Аппарат басшысы"),
    Person("yenbekshi", "Лаура Сматова", RoleName.HEAD, "district-yenbekshi", "Аппарат басшысы"),
    Person("karatau", "Виталий Чен", RoleName.HEAD, "district-karatau", "Руководитель аппарата", locale="ru"),
    Person("second-moderator", "Бауыржан Қалиев", RoleName.MODERATOR),
    Person("astana", "Дәулет Рақымжанов", RoleName.HEAD, "akimat", "Бөлім басшысы", city="astana"),
    Person("almaty", "Камила Тасболатова", RoleName.HEAD, "akimat", "Бөлім басшысы", city="almaty"),
)


@dataclass(frozen=True)
class Cast:
    """Who acts: accounts by their name before @, the first head (else official) of each body, supporters."""

    users: dict[str, User]
    answering: dict[int, User]
    neighbours: list[Contact]


def settle(session: Session, password: str, began: datetime) -> Cast:
    """Make everybody; the password is the same for all and kept hashed only."""
    hashed = hash_password(password)
    users = {person.account: _account(session, person, hashed, began) for person in (*SHOWN, *OTHERS)}
    _appoint(session, users, began)
    session.expire_all()
    answering: dict[int, User] = {}
    for user in users.values():
        for post in user.memberships:
            if post.body_id is not None and (post.role == RoleName.HEAD or post.body_id not in answering):
                answering[post.body_id] = user
    return Cast(users, answering, [_contact(session, f"neighbour{n}@{DOMAIN}", began) for n in range(NEIGHBOURS)])


def _account(session: Session, person: Person, hashed: str, began: datetime) -> User:
    user = User(email=f"{person.account}@{DOMAIN}", name=person.name, locale=person.locale, active=True, password=hashed,
                fs_uniquifier=secrets.token_hex(16), fs_webauthn_user_handle=secrets.token_hex(16),
                confirmed_at=began.replace(tzinfo=None))
    session.add(user)
    session.flush()
    claim_contact(session, user, began)
    return user


def _appoint(session: Session, users: dict[str, User], began: datetime) -> None:
    """Give the posts as it is done: an administrator names heads and moderators, a head the officials; so the trail of each body has a beginning."""
    ranks = (RoleName.ADMINISTRATOR, RoleName.HEAD, RoleName.MODERATOR, RoleName.OFFICIAL)
    heads: dict[int, User] = {}
    appointed = ((p, p.post) for p in (*SHOWN, *OTHERS) if p.post is not None)
    for person, role in sorted(appointed, key=lambda pair: ranks.index(pair[1])):
        city = session.scalars(select(City).where(City.code == person.city)).one()
        body = session.scalars(select(Body).where(Body.city_id == city.id, Body.code == person.where)).one() if person.where else None
        giver = users["admin"] if body is None or role is RoleName.HEAD else heads[body.id]
        posts.give(session, users[person.account], role, SYSTEM if role is RoleName.ADMINISTRATOR else acting(giver), began,
                   body_id=body.id if body else None, city_id=city.id if role is RoleName.MODERATOR else None, title=person.title)
        if body and role is RoleName.HEAD:
            heads[body.id] = users[person.account]


def _contact(session: Session, address: str, began: datetime) -> Contact:
    contact = contact_for(session, address, "kk")
    contact.confirmed_at = contact.confirmed_at or began
    return contact


def applicant(session: Session, cast: Cast, by: str, number: int, locale: str, began: datetime) -> tuple[Contact, str]:
    """The contact and the name of who files: an account, or the neighbour of this story."""
    if by in cast.users:
        user = cast.users[by]
        assert user.contact is not None
        return user.contact, user.name
    contact = _contact(session, f"story{number}@{DOMAIN}", began)
    contact.locale = locale
    return contact, by


def acting(user: User) -> Actor:
    """The actor that services see."""
    posts = tuple(Post(m.role, m.body_id, m.city_id) for m in user.memberships)
    return Actor(user.id, user.contact.id if user.contact else None, user.name, posts)
