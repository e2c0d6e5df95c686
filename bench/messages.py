"""What the messages of others cost a bot that answers mentions: `python -m bench.messages`.

Everything that the members of its servers write comes to such a bot, and nearly none of it is for the bot. The bot is a
process of its own on a core of its own; the fake Discord and the members share this process. Phases of three kinds
alternate, as in bench.fairness: no messages; the same messages sent to a process that only reads them; messages sent to
the bot.
"""

import asyncio
from asyncio.subprocess import Process
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.fairness import THERE, answers, ask, busy, parser_of_phases, pin, side_by_side
from tools.fake_discord import FakeDiscord, Session, User
from tools.fake_discord.gateway import WITHHELD, as_event
from tools.fake_discord.rules import Json

WRITERS = [User(3_000_000_000_000_000_000 + number, f"writer {number}", roles=(1, 2, 3)) for number in range(100)]
MENTIONED = {"id": "4000000000000000000", "username": "somebody"}
ALONE, READ, BESIDE = "no messages", "messages to another process", "messages to the bot"
ASKED_A_SECOND = 40


def foreign(fake: FakeDiscord) -> Iterator[Json]:
    """Yield messages of many members, one in ten of which mentions somebody, as the bot gets them: without words."""
    for number, writer in enumerate(WRITERS):
        mentions = [MENTIONED] if number % 10 == 0 else []
        yield as_event(fake.blank_message(THERE.channel, writer) | WITHHELD | {"mentions": mentions}, THERE)


@dataclass
class Phases:
    """All phases of a kind: the seconds until each answer, the bot's processor time, and the messages sent to it."""

    waited: list[float] = field(default_factory=list)
    busy: float = 0.0
    lasted: float = 0.0
    messages: int = 0


async def write(fake: FakeDiscord, to: Session, per_second: float, phases: Phases) -> None:
    """Send messages to one session at a steady pace, until cancelled. What a busy machine holds up is made up for."""
    messages = [*foreign(fake)]
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        await to.emit("MESSAGE_CREATE", messages[phases.messages % len(messages)] | {"id": str(fake.snowflake())})
        phases.messages += 1
        due += 1 / per_second
        await asyncio.sleep(max(0.0, due - loop.time()))


async def measure(rounds: int, seconds: float, per_second: float) -> dict[str, Phases]:
    """Return what was measured in each kind of phase."""
    async with side_by_side(ANSWER_MENTIONS="on") as (fake, bot, other, session):
        await ask(fake, 2, ASKED_A_SECOND)
        kinds = {ALONE: None, READ: other, BESIDE: session}
        return await _alternate(fake, bot, kinds, rounds, seconds, per_second)


async def _alternate(
    fake: FakeDiscord, bot: Process, kinds: dict[str, Session | None], rounds: int, seconds: float, per_second: float
) -> dict[str, Phases]:
    measured = {kind: Phases() for kind in kinds}
    loop = asyncio.get_running_loop()
    for kind, to in list(kinds.items()) * rounds:
        phases = measured[kind]
        before, begun = busy(bot), loop.time()
        writing = asyncio.create_task(write(fake, to, per_second, phases)) if to else None
        phases.waited += await ask(fake, seconds, ASKED_A_SECOND)
        if writing:
            writing.cancel()
            await asyncio.sleep(0.05)  # until the last messages are read
        phases.busy += busy(bot) - before
        phases.lasted += loop.time() - begun
    return measured


def main() -> None:
    parser = parser_of_phases("python -m bench.messages", __doc__)
    parser.add_argument("--messages", type=float, default=1000, help="messages a second (1000)")
    given = parser.parse_args()
    pin(0, -1)
    measured = asyncio.run(measure(given.rounds, given.seconds, given.messages))
    for kind, phases in measured.items():
        pace, share = phases.messages / phases.lasted, phases.busy / phases.lasted
        print(f"{answers(kind, phases.waited)}; {pace:.0f} messages/s; bot {share:.1%} busy")
    # A busy machine lets fewer members ask in one phase than in another, so what their answers cost is taken off.
    answer = measured[READ].busy / len(measured[READ].waited)
    beside = measured[BESIDE]
    one = (beside.busy - answer * len(beside.waited)) / beside.messages
    print(f"{'a message of somebody else':>34}: {one * 1e6:.0f} µs of the bot's processor time")


if __name__ == "__main__":
    main()
