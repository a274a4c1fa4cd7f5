"""What a walk through the screens needs: consoles, people who are signed in, SQL beside them.

A walk begins where the sign-in leads and uses what a person sees: links, buttons, fields. The
screens and what is done on each are in screens_*.py.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg

from pointsman.console.demo_people import PASSWORD

Page = Any  # playwright may not be installed where types are checked


@dataclass(frozen=True)
class Console:
    """Where it is, and its database."""

    address: str
    database: str


@dataclass
class Walked:
    """The consoles that are walked through, and who is signed in where."""

    chromium: Any
    console: Console
    new: Console  # nobody was ever there; nothing was ever sold
    first_link: str
    pages: dict[str, Page] = field(default_factory=dict)

    def stranger(self) -> Page:
        """Return a page of a browser that was never here."""
        page = self.chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(30_000)
        page.said = []
        page.on("console", lambda message: page.said.append((page.url, message.text)))
        page.on("pageerror", lambda error: page.said.append((page.url, str(error))))
        return page

    def at_overview(self, login: str) -> Page:
        """Return the page of a person where the sign-in left them: signed in once, by the form."""
        if login not in self.pages:
            self.pages[login] = self.stranger()
            sign_in(self.pages[login], self.console, login)
        page = self.pages[login]
        page.said.clear()
        page.locator("a.brand").click()
        page.wait_for_url(self.console.address + "/")
        return page

    def sql(self, query: str, *values: object) -> Any:  # one value
        """Return the one value of a query on the database behind the pages."""
        with psycopg.connect(self.console.database) as database:
            row = database.execute(query.encode(), values).fetchone()
        return row[0] if row else None


@dataclass(frozen=True)
class Screen:
    """A screen: who walks there by which links, what is done there, and the figures looked at.

    `way` is what is pressed: the navigation first, then links of the pages that follow. `routes`
    are the pages that are seen on the way and at its end. `act` does one thing and compares figures
    with SQL.
    """

    code: str
    routes: tuple[str, ...]
    login: str
    way: tuple[str, ...]
    act: Callable[[Walked, Page], None]


def sign_in(page: Page, console: Console, login: str) -> None:
    """Sign in with what the page of a demo tells."""
    page.goto(console.address)
    page.wait_for_url("**/sign-in")
    code = page.locator("section dd.mono").nth(1).inner_text()
    page.fill("#u", login)
    page.fill("#p", PASSWORD)
    page.fill("#o", code)
    page.click("main form button.main")
    page.wait_for_url(console.address + "/")


def go(page: Page, *words: str) -> None:
    """Press a link of the navigation, then those on the pages that follow."""
    page.locator("nav#nav a", has_text=re.compile(f"^{words[0]}$")).click()
    page.wait_for_load_state()
    for one in words[1:]:
        page.locator("main a", has_text=one).first.click()
        page.wait_for_load_state()


def rows(page: Page) -> int:
    """Return how many rows the page's list has."""
    return int(page.locator("#list tbody tr").count())


def figure(page: Page, words: str) -> str:
    """Return what stands under a name in the row of figures."""
    found = page.locator(".fig", has=page.locator(".k", has_text=re.compile(f"^{words}")))
    return str(found.first.locator(".v").inner_text())


def sum_of(minor: int, code: str = "CNY") -> str:
    """Return a sum as pages write it."""
    sign = "\N{MINUS SIGN}" if minor < 0 else ""
    whole, rest = divmod(abs(int(minor)), 100)
    return f"{code}{sign}{whole:,}.{rest:02d}"
