"""Which route answers what: one table for OpenAPI, for `fields`, and for the tests of answers.

A core. The shapes are in shapes*.py; routes that answer no JSON (files, counters, the stream) are
told by their media type.
"""

from collections.abc import Mapping

import msgspec

from pointsman.console import (
    shapes,
    shapes_acts,
    shapes_days,
    shapes_office,
    shapes_parties,
    shapes_payments,
    shapes_people,
    shapes_policies,
    shapes_screens,
    shapes_tools,
    shapes_work,
)
from pointsman.console.shapes import Shape

_GET: Mapping[str, type[Shape]] = {
    "/v1/me": shapes_people.Me,
    "/v1/merchants": shapes_parties.Merchants,
    "/v1/merchants/{mid}": shapes_parties.MerchantDetail,
    "/v1/merchants/{mid}/limits": shapes_policies.Limits,
    "/v1/blacklist": shapes_policies.ListedCards,
    "/v1/outlets": shapes_parties.Outlets,
    "/v1/outlets/{outlet_id}": shapes_parties.Outlet,
    "/v1/terminals": shapes_parties.Terminals,
    "/v1/terminals/{mid}/{tid}": shapes_parties.Terminal,
    "/v1/terminals/{mid}/{tid}/bindings": shapes_parties.Bindings,
    "/v1/payments": shapes_payments.Payments,
    "/v1/payments/{payment_id}": shapes_payments.PaymentDetail,
    "/v1/payments/{payment_id}/messages": shapes_payments.Messages,
    "/v1/payments/{payment_id}/timeline": shapes_payments.Timeline,
    "/v1/payments/{payment_id}/ledger": shapes_tools.PaymentLedger,
    "/v1/refunds": shapes_office.Refunds,
    "/v1/refunds/{refund_id}": shapes_office.Refund,
    "/v1/batches": shapes_payments.Batches,
    "/v1/batches/{mid}/{tid}/{batch}": shapes_payments.Batch,
    "/v1/settlement_cycles": shapes_days.Cycles,
    "/v1/settlement_cycles/{business_date}": shapes_days.CycleDetail,
    "/v1/acquirers": shapes_parties.Acquirers,
    "/v1/acquirers/{acquirer}": shapes_parties.Acquirer,
    "/v1/links": shapes_parties.Links,
    "/v1/exceptions": shapes_office.Exceptions,
    "/v1/overview": shapes_days.Overview,
    "/v1/approvals": shapes_office.Approvals,
    "/v1/approvals/{approval_id}": shapes_office.Approval,
    "/v1/applications": shapes_people.Applications,
    "/v1/applications/{application_id}": shapes_people.Application,
    "/v1/users": shapes_people.Users,
    "/v1/users/{user_id}": shapes_people.User,
    "/v1/users/{user_id}/sessions": shapes_people.Sessions,
    "/v1/roles": shapes_people.Roles,
    "/v1/api_keys": shapes_people.ApiKeys,
    "/v1/outbox": shapes_people.Letters,
    "/v1/audit_events": shapes_people.AuditEvents,
    "/v1/reports": shapes.Catalogue,
    "/v1/reports/{report}": shapes.Definition,
    "/v1/reports/{report}/result": shapes.Result,
    "/v1/statistics": shapes.Result,
    "/v1/report_runs": shapes.Runs,
    "/v1/report_runs/{run_id}": shapes.Run,
    "/v1/jobs": shapes_work.Jobs,
    "/v1/jobs/{job_id}": shapes_work.Job,
    "/v1/reconciliations": shapes_work.Reconciliations,
    "/v1/reconciliations/{acquirer}/{settlement_date}/{currency}": shapes_work.Reconciliation,
    "/v1/lamps": shapes_screens.Lamps,
    "/v1/attention": shapes_screens.Attention,
    "/v1/profile": shapes_screens.Profile,
    "/v1/views": shapes_screens.Views,
    "/v1/drafts/{form}": shapes_screens.DraftFields,
}
_POST: Mapping[str, type[Shape]] = {
    "/v1/merchants": shapes_acts.NewMerchant,
    "/v1/merchants/{mid}:suspend": shapes_acts.Active,
    "/v1/merchants/{mid}:activate": shapes_acts.Active,
    "/v1/merchants/{mid}:set_refund_limit": shapes_acts.Limit,
    "/v1/outlets": shapes_acts.NewOutlet,
    "/v1/terminals": shapes_acts.NewTerminal,
    "/v1/terminals/{mid}/{tid}:suspend": shapes_acts.Active,
    "/v1/terminals/{mid}/{tid}:activate": shapes_acts.Active,
    "/v1/terminals/{mid}/{tid}:move": shapes_acts.NewTerminal,
    "/v1/refunds": shapes_office.Refund,
    "/v1/approvals/{approval_id}:approve": shapes_office.Decided,
    "/v1/approvals/{approval_id}:reject": shapes_office.Decided,
    "/v1/session:step_up": shapes_acts.Opened,
    "/v1/invitations": shapes_acts.Invited,
    "/v1/users/{user_id}:close": shapes_acts.State,
    "/v1/users/{user_id}:reset": shapes_acts.Reset,
    "/v1/users/{user_id}:give_role": shapes_acts.Given,
    "/v1/users/{user_id}:take_role": shapes_acts.Given,
    "/v1/users/{user_id}:end_sessions": shapes_acts.EndedSessions,
    "/v1/outbox/{letter_id}:show": shapes_acts.ShownLetter,
    "/v1/api_keys": shapes_acts.NewKey,
    "/v1/api_keys/{key_id}:revoke": shapes_acts.State,
    "/v1/applications": shapes_acts.State,
    "/v1/applications/{application_id}:approve": shapes_acts.TakenMerchant,
    "/v1/applications/{application_id}:reject": shapes_acts.State,
    "/v1/exceptions/{payment_id}:retry": shapes_acts.ParkedWord,
    "/v1/exceptions/{payment_id}:done": shapes_acts.ParkedWord,
    "/v1/exceptions/{payment_id}:not_done": shapes_acts.ParkedWord,
    "/v1/audit_events:verify": shapes_acts.Verified,
    "/v1/report_runs": shapes.NewRun,
    "/v1/blacklist": shapes_policies.NewListedCard,
    "/v1/blacklist/{card_id}:remove": shapes_policies.Unlisted,
    "/v1/tools/decode": shapes_tools.DecodedMessages,
    "/v1/views:save": shapes_screens.ViewName,
    "/v1/views:remove": shapes_screens.ViewName,
    "/v1/drafts/{form}:save": shapes_screens.DraftFields,
}
_PATCH: Mapping[str, type[Shape]] = {
    "/v1/merchants/{mid}": shapes_acts.ChangedMerchant,
    "/v1/outlets/{outlet_id}": shapes_parties.Outlet,
    "/v1/terminals/{mid}/{tid}": shapes_parties.Terminal,
}
_PUT: Mapping[str, type[Shape]] = {"/v1/merchants/{mid}/limits": shapes_policies.Limits}
SHAPES: Mapping[tuple[str, str], type[Shape]] = {
    (method, path): shape
    for method, table in (("GET", _GET), ("POST", _POST), ("PATCH", _PATCH), ("PUT", _PUT))
    for path, shape in table.items()
}
"""What a route answers when all is well."""
OTHER_MEDIA: Mapping[str, str] = {
    "/v1/stream": "text/event-stream",
    "/v1/report_runs/{run_id}/file": "application/octet-stream",
    "/metrics": "text/plain",
}
"""Routes that answer something else than JSON."""
STATUS: Mapping[tuple[str, str], tuple[int, ...]] = {
    ("POST", "/v1/merchants"): (201,),
    ("POST", "/v1/outlets"): (201,),
    ("POST", "/v1/terminals"): (201,),
    ("POST", "/v1/terminals/{mid}/{tid}:move"): (201,),
    ("POST", "/v1/refunds"): (201, 202),
    ("POST", "/v1/invitations"): (201, 202),
    ("POST", "/v1/users/{user_id}:give_role"): (200, 202),
    ("POST", "/v1/users/{user_id}:reset"): (201,),
    ("POST", "/v1/api_keys"): (201,),
    ("POST", "/v1/applications"): (201,),
    ("POST", "/v1/applications/{application_id}:approve"): (201,),
    ("POST", "/v1/report_runs"): (202,),
    ("PUT", "/v1/merchants/{mid}/limits"): (200, 202),
    ("POST", "/v1/blacklist"): (201,),
    ("POST", "/v1/blacklist/{card_id}:remove"): (200, 202),
    **{
        ("POST", f"/v1/exceptions/{{payment_id}}:{word}"): (200, 202)
        for word in ("retry", "done", "not_done")
    },
}
"""With which status, where that is not 200."""


def members(shape: type[msgspec.Struct]) -> frozenset[str]:
    """Return the members of one document of a shape: of a page, those of its rows."""
    found = {one.encode_name: one.type for one in msgspec.structs.fields(shape)}
    if "data" in found and "page" in found:
        inner = found["data"].__args__[0]
        return members(inner)
    return frozenset(found)
