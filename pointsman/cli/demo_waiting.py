"""What stands at the console's address while the demo's past is made: a page that says how far.

A shell: one small page, its script and nothing else, to anyone on this address. The script asks
again every second, also while nobody listens, and goes on to the sign-in page of the console as
soon as that answers. What is made is demo_history.py.
"""

from dataclasses import dataclass
from typing import Final

import trio

REQUEST_BYTES_MAX: Final = 16_384
REQUEST_S_MAX: Final = 5.0
SERVED_MAX: Final = 32
"""Requests at once; others wait in the kernel's queue."""
SIGN: Final = "X-Pointsman-History"
"""The header that tells this page from the console: the day that is being written, of how many."""
_SCRIPT_AT: Final = "/waiting.js"
_HEADERS: Final = (
    "HTTP/1.1 {status}\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {size}\r\n"
    "Content-Security-Policy: default-src 'none'; script-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\nRetry-After: 2\r\n"
    "{sign}: {told}\r\nConnection: close\r\n\r\n"
)
_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Pointsman</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><script src="/waiting.js" defer></script></head>
<body><h1>Pointsman</h1>
<p>The history of the demo is being written, once: day <b class="told">{told}</b>. The sign-in page
follows by itself.</p>
<p lang="zh-CN">正在生成演示的历史数据（仅此一次）：第 <b class="told">{told}</b> 天。
完成后自动转到登录页。</p>
</body></html>
"""
_SCRIPT: Final = """setInterval(async () => {
  try {
    const answer = await fetch("/", { cache: "no-store" });
    const told = answer.headers.get("X-Pointsman-History");
    if (told === null) location.replace("/");
    else for (const one of document.querySelectorAll(".told")) one.textContent = told;
  } catch (_) { /* nobody listens for a moment: the house starts */ }
}, 1000);
"""


@dataclass(slots=True)
class Waiting:
    """The page; `told` is how far the history is, as `12 / 90`."""

    told: str

    async def serve(self, listeners: list[trio.SocketListener]) -> None:
        """Answer until cancelled."""
        turns = trio.Semaphore(SERVED_MAX)

        async def one(stream: trio.SocketStream) -> None:
            async with turns, stream:
                with trio.move_on_after(REQUEST_S_MAX):
                    await self._answer(stream)

        await trio.serve_listeners(one, listeners)

    async def _answer(self, stream: trio.SocketStream) -> None:
        asked = b""
        try:
            while b"\r\n\r\n" not in asked and len(asked) < REQUEST_BYTES_MAX:
                data = await stream.receive_some(REQUEST_BYTES_MAX)
                if not data:
                    return
                asked += data
            await stream.send_all(self.answer(asked))
        except trio.BrokenResourceError:
            return  # who asked has gone

    def answer(self, asked: bytes) -> bytes:
        """Return the answer to the head of a request."""
        method, _, rest = asked.partition(b" ")
        path = rest.partition(b" ")[0]
        status, kind, text = "503 Service Unavailable", "text/html", _PAGE.format(told=self.told)
        if path == _SCRIPT_AT.encode():
            status, kind, text = "200 OK", "text/javascript", _SCRIPT
        body = text.encode()
        head = _HEADERS.format(
            status=status, kind=kind, size=len(body), sign=SIGN, told=self.told
        ).encode()
        return head if method == b"HEAD" else head + body
