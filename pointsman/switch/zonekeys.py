"""An acquirer sends new zone keys: checked in the HSM, written, answered, in use from then on.

A shell with one task for each change. 00 is said when the keys are durable: every worker then opens
its link anew and uses them, while what is in flight on the old one ends under the old keys. A key
whose check value is wrong changes nothing (30). What the message holds says session.py.
"""

from collections.abc import Callable, Mapping
from typing import Final, Protocol

import trio

from pointsman import log
from pointsman.config import Timers
from pointsman.hsm.commands import Answer, HsmUnavailable, ImportUnder, KeyMade, MacMethod, Request
from pointsman.site.keykinds import zone_mac_kind
from pointsman.store.parties import Acquirer
from pointsman.store.verbs import StoreUnavailableError
from pointsman.switch import responses
from pointsman.switch.sessionwords import ChangeKeys

CHANGES_MAX: Final = 16  # at once, of all acquirers
NOT_SUPPORTED: Final = "40"

Say = Callable[[str, Mapping[int, str]], None]
OnKeys = Callable[[Acquirer, ChangeKeys, Say], None]


class Hsm(Protocol):
    """The one thing asked of hsm/client.py here."""

    async def ask(self, request: Request, deadline: float) -> Answer:
        """Ask and wait; raises HsmUnavailable."""
        ...


class KeyRecords(Protocol):
    """The verb of store/verbs.py that is needed here."""

    async def zone_keys(  # noqa: D102 (said in store/verbs.py)
        self, acquirer: str, zpk: tuple[bytes, str] | None, zak: tuple[bytes, str] | None
    ) -> None: ...


class ZoneKeys:
    """Changes of zone keys at one worker's links."""

    def __init__(self, records: KeyRecords, hsm: Hsm, timers: Timers) -> None:
        self._records = records
        self._hsm = hsm
        self._timers = timers
        self._nursery: trio.Nursery | None = None
        self._busy = 0

    async def run(self) -> None:
        """Serve until cancelled."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            await trio.sleep_forever()

    def change(self, acquirer: Acquirer, keys: ChangeKeys, say: Say) -> None:
        """Start the change; `say` answers it, once."""
        if acquirer.zmk is None:
            refuse(acquirer, keys, say)
        elif self._nursery is None or self._busy >= CHANGES_MAX:
            say(keys.mti, {**keys.fields, 39: responses.MALFUNCTION})
        else:
            self._busy += 1
            self._nursery.start_soon(self._change, acquirer, keys, say)

    async def _change(self, acquirer: Acquirer, keys: ChangeKeys, say: Say) -> None:
        try:
            code = await self._changed(acquirer, keys)
        except (StoreUnavailableError, HsmUnavailable):
            code = responses.MALFUNCTION
        finally:
            self._busy -= 1
        log.get().info("zone_keys", acquirer=acquirer.name, code=code)
        say(keys.mti, {**keys.fields, 39: code})

    async def _changed(self, acquirer: Acquirer, keys: ChangeKeys) -> str:
        """Import both keys, write them; return field 39."""
        mac_kind = zone_mac_kind(MacMethod(acquirer.mac_method))
        if mac_kind is None:
            return NOT_SUPPORTED
        made: list[tuple[bytes, str]] = []
        assert acquirer.zmk is not None
        for usage, (wrapped, check) in (("ZPK", keys.zpk), (mac_kind, keys.zak)):
            owner = f"acquirer/{acquirer.name}"
            request = ImportUnder(acquirer.zmk, usage, wrapped, check, owner)
            deadline = trio.current_time() + self._timers.hsm_s
            answer = await self._hsm.ask(request, deadline)
            if not isinstance(answer, KeyMade):
                return responses.FORMAT
            made.append((answer.block, answer.kcv))
        await self._records.zone_keys(acquirer.name, *made)
        return responses.APPROVED


def refuse(_acquirer: Acquirer, keys: ChangeKeys, say: Say) -> None:
    """Answer that keys cannot be changed here: there is no key that they could be under."""
    say(keys.mti, {**keys.fields, 39: NOT_SUPPORTED})
