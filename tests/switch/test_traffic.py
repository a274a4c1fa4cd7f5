"""What a session carries: every message has exactly one result, whatever happens in what order."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from pointsman.codecs.codec import Message
from pointsman.switch.hosts import encode, expected
from pointsman.switch.inflight import Reason, Unmatched
from pointsman.switch.traffic import (
    QUEUE_S,
    Answered,
    Broken,
    HostRequest,
    HostResult,
    Lane,
    NotSent,
    Silent,
    Traffic,
)
from tests.switch.host_peer import CODEC, answer_to, sale_draft

REQUESTS_MAX = 3
ANSWER_S = 30.0


def request(number: int, *, not_after: float, lane: Lane = Lane.REQUEST) -> HostRequest:
    draft = sale_draft(f"{number:06d}")
    data = encode(CODEC, draft, mac=False).data
    return HostRequest(data, expected(draft), not_after, ANSWER_S, lane)


def answer(number: int) -> Message:
    sent = CODEC.decode(request(number, not_after=0).data)
    return CODEC.decode(CODEC.encode(*answer_to(sent)))


def test_the_host_timer_starts_with_the_last_byte() -> None:
    traffic = Traffic(REQUESTS_MAX)
    results: list[HostResult] = []
    asked = request(1, not_after=5.0)
    traffic.put(asked, asked.data, results.append, 0.0)
    size = len(traffic.gather(1.0))
    assert traffic.handed_over(size - 1, 1.0) == []
    assert not traffic.expire(100.0)
    assert traffic.handed_over(1, 100.0) == [asked.expected]
    traffic.expire(100.0 + ANSWER_S - 0.1)
    assert results == []
    traffic.expire(100.0 + ANSWER_S)
    assert results == [Silent()]


def test_a_request_waits_for_its_turn_two_seconds_at_most() -> None:
    traffic = Traffic(REQUESTS_MAX)
    results: list[HostResult] = []
    traffic.put(request(1, not_after=100.0), b"one", results.append, 0.0)
    traffic.drop_stale(QUEUE_S)
    assert results == []
    traffic.drop_stale(QUEUE_S + 0.1)
    assert results == [NotSent("too late")]
    assert traffic.gather(QUEUE_S + 0.1) == b""


def test_what_was_begun_is_in_doubt_and_the_rest_is_not() -> None:
    traffic = Traffic(REQUESTS_MAX)
    results: dict[int, HostResult] = {}

    def put(number: int) -> None:
        asked = request(number, not_after=5.0)
        traffic.put(asked, b"1234", lambda result: results.update({number: result}), 0.0)

    put(1)
    put(2)
    traffic.handed_over(1, 0.0)
    traffic.lost("gone", 1.0)
    assert results == {1: Broken("gone"), 2: NotSent("gone")}


class TrafficModel(RuleBasedStateMachine):
    """Any order of queueing, writing, answering, time and loss; results are counted."""

    def __init__(self) -> None:
        super().__init__()
        self.traffic = Traffic(REQUESTS_MAX)
        self.now = 0.0
        self.number = 0
        self.open: dict[int, Lane] = {}
        self.bytes_out: dict[int, bool] = {}  # number -> at least one byte left
        self.results: dict[int, HostResult] = {}
        self.unwritten: list[tuple[int, int]] = []  # number, bytes left

    def _done(self, number: int, result: HostResult) -> None:
        assert number not in self.results, "one result each"
        self.results[number] = result
        del self.open[number]
        begun = self.bytes_out[number]
        match result:
            case NotSent():
                assert not begun
                self.unwritten = [pair for pair in self.unwritten if pair[0] != number]
            case Silent() | Broken() | Answered():
                assert begun
        if isinstance(result, Answered):
            assert result.message[11] == f"{number:06d}"

    @rule(lane=st.sampled_from(Lane), patience=st.floats(0, 4))
    def put(self, lane: Lane, patience: float) -> None:
        self.number += 1
        number = self.number
        asked = request(number, not_after=self.now + patience, lane=lane)
        refusal = self.traffic.refusal(asked, self.now)
        if lane is Lane.REQUEST and list(self.open.values()).count(lane) >= REQUESTS_MAX:
            assert refusal is not None
        if refusal is None:
            self.open[number] = lane
            self.bytes_out[number] = False
            self.unwritten.append((number, 4))
            self.traffic.put(asked, b"abcd", lambda result: self._done(number, result), self.now)

    @rule(count=st.integers(0, 10))
    def write(self, count: int) -> None:
        data = self.traffic.gather(self.now)
        left = count = min(count, len(data))
        while left:
            number, size = self.unwritten.pop(0)
            self.bytes_out[number] = True
            if left < size:
                self.unwritten.insert(0, (number, size - left))
                break
            left -= size
        self.traffic.handed_over(count, self.now)

    @rule(back=st.integers(0, 6))
    def answer(self, back: int) -> None:
        number = max(self.number - back, 1)
        got = self.traffic.answered(answer(number), self.now)
        if isinstance(got, Unmatched):
            known = number in self.bytes_out
            late = number in self.results and not isinstance(self.results[number], NotSent)
            if known and late:
                assert got.reason in (Reason.LATE, Reason.DUPLICATE)

    @rule(passes=st.sampled_from([0.1, 1.5, 3.0, 31.0]))
    def time(self, passes: float) -> None:
        self.now += passes
        self.traffic.drop_stale(self.now)
        self.traffic.expire(self.now)

    @rule()
    def lose(self) -> None:
        self.traffic.lost("gone", self.now)
        self.unwritten.clear()
        assert not self.open

    @rule()
    def echo(self) -> None:
        self.traffic.breaker.echoed()

    @invariant()
    def every_open_message_is_counted(self) -> None:
        assert len(self.traffic) == len(self.open)
        lanes = list(self.open.values())
        assert self.traffic.room(Lane.REQUEST) == REQUESTS_MAX - lanes.count(Lane.REQUEST)


TestTrafficModel = TrafficModel.TestCase
TestTrafficModel.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
