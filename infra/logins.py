"""Two logins for each client of a store, so that a password changes while nobody uses it.

    generation   in use   drawn anew
    0            a
    1            b                      clients have changed over; what they used before is still good
    2            b        a             and is refused from here on
    3            a                      ...
    4            a        b

The store knows both, always. A password is drawn once more when nobody uses it any more, and waits, told to nobody but
the store, until the next change over: that finds a login that is good already, and no store is restarted for it.
"""

from dataclasses import dataclass

import pulumi

SLOTS = ("a", "b")


def slot_in_use(generation: int) -> str:
    """The slot whose login the clients use."""
    return SLOTS[(generation + 1) // 2 % 2]


def times_drawn(slot: str, generation: int) -> int:
    """How often the password of a slot has been drawn anew: the keeper of its random resource."""
    return (generation + (2 if slot == "a" else 0)) // 4


def is_moving(generation: int) -> bool:
    """Whether the clients have changed over, and what they used before is still good."""
    return generation % 2 == 1


@dataclass(frozen=True)
class Login:
    """Who logs in."""

    name: str
    password: pulumi.Output[str]


@dataclass(frozen=True)
class Logins:
    """Those of one client, by slot, and the one that it uses."""

    client: str
    passwords: dict[str, pulumi.Output[str]]
    generation: int

    @property
    def both(self) -> list[Login]:
        """What the store knows."""
        return [Login(f"{self.client}_{slot}", password) for slot, password in self.passwords.items()]

    @property
    def used(self) -> Login:
        """What the client is given."""
        slot = slot_in_use(self.generation)
        return Login(f"{self.client}_{slot}", self.passwords[slot])
