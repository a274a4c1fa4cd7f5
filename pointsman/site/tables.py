"""The tables of a site file as rows: every key, what it may hold and what stands in for it.

Data and nothing else. How one table is walked is in keys.py, how tables become parties and what
they mean together in file.py; site.example.toml shows every key with a comment.
"""

from datetime import time

from pointsman.codecs.framing import FRAMINGS
from pointsman.hsm.commands import MacMethod
from pointsman.site import fetched, keys, rules
from pointsman.site.keys import Row
from pointsman.store.parties import NO_RULES

# What the switch speaks today, of the dialects that the codecs know.
TERMINAL_FORMATS = ("cup-bcd", "nii-bcd")
HOST_FORMATS = ("ascii87-hexbitmap", "ascii87-binbitmap")
SCHEMES = rules.SCHEMES
# Types of transactions (switch/flows.py), and two ways of a sale.
FORBIDDEN = (
    *("balance", "sale", "cash", "void", "refund", "preauth", "preauth-more", "preauth-cancel"),
    *("completion", "completion-advice", "completion-cancel", "offline", "adjust", "tip", "ecash"),
    *("script-result", "instalment", "instalment-void", "points", "points-void"),
    *("points-balance", "wallet-order", "wallet-pay", "wallet-query", "wallet-close"),
    *("wallet-refund", "refund-request", "manual", "fallback"),
)
_MACS = tuple(method.value for method in MacMethod)
_FRAMINGS = tuple(FRAMINGS)

SITE = (
    Row("laboratory", keys.yes_or_no, default=False),
    Row("zone", keys.time_zone, default="Asia/Shanghai"),
    Row("cutoff", keys.time_of_day, default=time(0, 0)),
    Row("terminal_parameters", fetched.texts("[1-2][0-9]", "codes 11 to 26"), default=()),
    Row("ca_keys", fetched.tlv_sets, default=()),
    Row("aids", fetched.tlv_sets, default=()),
    Row("terminal_tables", fetched.tables, default=()),
    Row("acquirers", lambda table: table, default={}),
    Row("merchants", lambda table: table, default={}),
)
ACQUIRER = (
    Row("active", keys.yes_or_no, default=True),
    Row("institution", keys.text("[0-9]{1,11}", "1 to 11 digits"), required=True),
    Row("format", keys.one_of(HOST_FORMATS), required=True),
    Row("framing", keys.one_of(_FRAMINGS), required=True),
    Row("address", keys.address, required=True),
    Row("mac", keys.one_of(_MACS), default="x9.19"),
    Row("zpk", keys.key((16, 24), generated=False)),
    Row("zak", keys.key((8, 16, 24), generated=False)),
    Row("zmk", keys.key((16, 24), generated=False)),
    Row("pin_format", keys.whole_number(0, 4), default=0),
    Row("reversal", keys.one_of(("0400", "0420")), default="0420"),
    Row("accepts", keys.some_of(("12", "21", "25")), default=frozenset()),
    Row("host_timeout_s", keys.seconds(0.1, 3600)),
    Row("echo_s", keys.seconds(1, 3600), default=60.0),
    Row("in_flight_max", keys.whole_number(1, 100_000), default=200),
    Row("request_life_s", keys.seconds(0, 3600), default=60.0),
    Row("completion_percent", keys.whole_number(1, 200), default=115),
    Row("hold_days", keys.whole_number(1, 366), default=30),
    Row("takes_scripts", keys.yes_or_no, default=True),
    Row("order_s", keys.seconds(10, 3600), default=120.0),
    Row("reconciles", keys.one_of(("0500", "0520")), default=""),
)
MERCHANT = (
    Row("active", keys.yes_or_no, default=True),
    Row("name", keys.plain_text(40), required=True),
    Row("mcc", keys.text("[0-9]{4}", "4 digits (ISO 18245)"), required=True),
    Row("city", keys.plain_text(13), required=True),
    Row("country", keys.text("[A-Z]{2}", "a country of ISO 3166, such as CN,"), required=True),
    Row("currency", keys.currency_code, required=True),
    Row("tip_percent", keys.whole_number(0, 1000), default=100),
    Row("strict_chip", keys.yes_or_no, default=False),
    Row("rules", rules.rules(FORBIDDEN), default=NO_RULES),
    Row("routes", lambda array: array, required=True),
    Row("terminals", lambda table: table, default={}),
)
ROUTE = (
    Row("acquirer", keys.plain_text(32), required=True),
    Row("priority", keys.whole_number(1, 999), default=1),
    Row("schemes", keys.some_of(SCHEMES), default=frozenset()),
)
TERMINAL = (
    Row("active", keys.yes_or_no, default=True),
    Row("format", keys.one_of(TERMINAL_FORMATS), default="cup-bcd"),
    Row("framing", keys.one_of(_FRAMINGS), default="tpdu-header"),
    Row("mac", keys.one_of(_MACS), default="cup-ecb"),
    Row("layout", keys.one_of(("001", "003", "004")), default="003"),
    Row("tmk", keys.key((16, 24), generated=True), default=keys.GeneratedKey()),
    Row("pik", keys.key((8, 16), generated=False)),
    Row("mak", keys.key((8, 16), generated=False)),
    Row("batch", keys.text("(?!000000)[0-9]{6}", "6 digits, not all zero,")),
)
