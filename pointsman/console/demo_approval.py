"""What waits for a second person when a demo begins: one refund over its merchant's limit.

A shell, only where the settings say `mode = "demo"`. It is asked for as the demo's staff would ask
(refunding.py); the owner, or the administrator, may approve it. The people are demo_people.py.
"""

from pointsman.console import ids
from pointsman.console.demo_people import MODE
from pointsman.console.gate import Ask, Caller
from pointsman.console.office import Office
from pointsman.console.payments import PREFIX
from pointsman.console.rights import Grant, Resource, Role, Scope, Verb, reach
from pointsman.console.signing import Origin
from pointsman.console.wants import NewRefund
from pointsman.store import console_refunds

STAFF = "staff"
LIMIT_MINOR = 10_000
REASON = "the guest paid for two tables"
_PAYMENT = """
select id from transactions t where mid = %s and kind = 'sale' and state = 'approved'
    and undo = 'none' and voiding = 'none' and refunded_minor = 0 and approved_minor > %s
    and business_date < (select business_date from business_days where state = 'open')
order by id desc limit 1
"""


async def make(office: Office) -> str | None:
    """Ask for the refund where nobody has asked for one yet; return the approval's state."""
    user = await office.people.by_login(STAFF)
    if office.mode != MODE or user is None or not user.grants:
        return None
    if await office.pool.value("select count(*) from approvals"):
        return None
    mid = user.grants[0].mid
    payment = await office.pool.value(_PAYMENT, (mid, LIMIT_MINOR))
    if payment is None:
        return None
    grants = (Grant(Role.MERCHANT_STAFF, Scope.MERCHANT, mid),)
    caller = Caller(user.login, grants, user.name, user.id, proven_s=0.0)
    held = reach(grants, Resource.REFUNDS, Verb.MANAGE)
    assert held is not None, "staff may ask for refunds"
    ask = Ask(caller, held, {}, Origin("", "demo"))
    async with office.pool.act() as act:
        await console_refunds.set_limit(act, mid, LIMIT_MINOR)
        want = NewRefund(payment=ids.encode(PREFIX, payment), reason=REASON)
        done = await office.refunding.create(ask, act, want)
    return str(done.document["id"])
