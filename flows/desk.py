"""Commands of the analyst's desk: a person, a country, an event, an article, the reasons of a record, the report, watches, corrections."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from flows.settings import Settings
    from flows.watching import WatchAnswer
    from warehouse.connection import Answer
    from warehouse.consulting import Proof, Story

QUESTIONS, DESK = "Questions", "The desk"
DAY = ["%Y-%m-%d"]


class Form(StrEnum):
    """How an answer is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


FormOption = Annotated[Form, typer.Option("--format", help="table for eyes, csv or json for programs")]
CountryArgument = Annotated[str, typer.Argument(help="alpha-3 code or English name")]
EventArgument = Annotated[str, typer.Argument(help="acronym of a conference or summit, or part of its name")]
PersonArgument = Annotated[str, typer.Argument(help="a name, or part of one, in any spelling")]
PageOption = Annotated[bool, typer.Option("--pager", help="page by page")]
NoteOption = Annotated[str, typer.Option("--reason", help="why, in words")]
ByOption = Annotated[str | None, typer.Option("--by", help="who says so")]

watch_app = typer.Typer(help="Standing questions: told when a meeting matches, as events, feeds and calendars.", no_args_is_help=True)
correct_app = typer.Typer(
    help="Put a record right. A correction is data: it is applied at every load, and can be withdrawn.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    for command in (who, country, event, why):
        app.command(rich_help_panel=QUESTIONS)(command)
    app.command(rich_help_panel=DESK)(report)
    app.add_typer(watch_app, name="watch", rich_help_panel=DESK)
    app.add_typer(correct_app, name="correct", rich_help_panel=DESK)


# ── questions ────────────────────────────────────────────────────────────────────────────────────────────────────────


def who(person: PersonArgument, form: FormOption = Form.TABLE, pager: PageOption = False) -> None:
    """A person: the offices in which they met others, and their meetings, newest first."""
    from warehouse.consulting import agenda_of, offices_of

    published = _settings().published
    beside = {"Offices": offices_of(published, person)}
    _show(form, pager, agenda_of(published, person), beside, none=f"Nobody called {person!r} has met anybody.")


def country(name: CountryArgument, form: FormOption = Form.TABLE, pager: PageOption = False) -> None:
    """A country: whom it met most, and its meetings, newest first."""
    from flows.naming import country_code
    from warehouse.consulting import meetings_of_country, partners_of

    published, code = _settings().published, country_code(name)
    beside = {"Met most": partners_of(published, code)}
    _show(form, pager, meetings_of_country(published, code), beside, none=f"No meeting of {code} is known.")


def event(name: EventArgument, form: FormOption = Form.TABLE, pager: PageOption = False) -> None:
    """The meetings at or beside a conference."""
    from warehouse.consulting import meetings_at

    _show(form, pager, meetings_at(_settings().published, name), {}, none=f"No meeting at or beside {name!r} is known.")


def why(meeting: Annotated[str, typer.Argument(help="a meeting's id, or its beginning or end")], form: FormOption = Form.TABLE) -> None:
    """Why a meeting is in the warehouse: which articles tell of it, in which words, and for which reason they were put together."""
    from rich.console import Console
    from rich.text import Text

    from warehouse.consulting import find_meeting, meeting_row, reports_of

    published = _settings().published
    found = find_meeting(published, meeting)
    reports = reports_of(published, found)
    if form is not Form.TABLE:
        _print_rows(form, reports)
        return
    row, console = meeting_row(published, found), Console()
    console.print(Text(str(row["parties"]), style="bold"))
    console.print(Text(_facts(row)))
    for number, told in enumerate(_dicts(reports), 1):
        console.print()
        copy = ", a copy of an earlier text" if told["is_copy"] else ""
        console.print(Text(f"{number}. {told['publisher'] or 'unknown outlet'}, {told['published'] or 'no date'}{copy}", style="bold"))
        console.print(Text(f"   {told['url']}", style="cyan"), soft_wrap=True)
        console.print(Text(f"   “{told['words']}”" if told["words"] else "   (no words kept)", style="green"))
        console.print(Text(f"   says {told['status']}" + (f" on {told['told_day']}" if told["told_day"] else "")
                           + f"; confidence {told['confidence']}; put here by {told['reason']} (score {told['score']})"))
        console.print(Text(f"   mention {told['mention_id']}", style="dim"))


def _facts(row: Mapping[str, Any]) -> str:
    topics = ", ".join(str(topic).replace("_", " ") for topic in row["topics"] or ())
    facts = {
        "id": row["meeting_id"], "status": row["status"], "mode": str(row["mode"]).replace("_", " "), "day": row["start_date"],
        "place": ", ".join(filter(None, (row["venue"], row["city"], row["country"]))), "beside": row["host_event"], "about": topics,
        "told by": f"{row['reports']} articles of {row['outlets']} outlets", "confidence": round(float(row["confidence"]), 2),
    }
    return "\n".join(f"{key:>10}  {value}" for key, value in facts.items() if value)


def print_article(url: str, form: Form) -> None:
    """The stored article of an address, the proof of each record marked in its text."""
    from rich.console import Console
    from rich.text import Text

    from warehouse.consulting import read_story

    story = read_story(_settings().published, url)
    if form is not Form.TABLE:
        typer.echo(_story_json(story))
        return
    console = Console()
    console.print(Text(story.title or "(no title)", style="bold"))
    console.print(Text(f"{story.publisher or ''} {story.published or ''}".strip()))
    console.print()
    console.print(_marked(story, console))
    for number, mention in enumerate(story.mentions, 1):
        console.print()
        console.print(Text(f"[{number}] {mention.status}: {mention.parties}", style=_style(number)))
        for proof in mention.proofs:
            console.print(Text(f"    {proof.field}{'' if proof.item is None else f' {proof.item + 1}'}: {_words(story, proof)}"))
    if not story.mentions:
        console.print(Text("\nNo meeting was found in it.", style="dim"))


def _words(story: "Story", proof: "Proof", longest: int = 110) -> str:
    words = " ".join(story.text[proof.start : proof.end].split())
    return words if len(words) <= longest else words[: longest - 1] + "…"


def _style(number: int) -> str:
    return ("green", "yellow", "cyan", "magenta", "blue", "red")[(number - 1) % 6]


def _marked(story: "Story", console: "Console") -> "Text":
    """The text with each record's sentence in its colour and, where there are no colours, in numbered brackets."""
    from rich.text import Text

    marks = [(p.start, p.end, n) for n, m in enumerate(story.mentions, 1) for p in m.proofs if p.field == "meeting"]
    if console.color_system is None:
        pieces, at = [], 0
        for start, end, number in sorted(set(marks)):
            if start >= at:
                pieces += [story.text[at:start], f"[{number}:", story.text[start:end], "]"]
                at = end
        return Text("".join([*pieces, story.text[at:]]))
    text = Text(story.text)
    for start, end, number in marks:
        text.stylize(f"underline {_style(number)}", start, end)
    return text


def _story_json(story: "Story") -> str:
    import json

    return json.dumps(asdict(story), ensure_ascii=False, indent=1, default=str)


def open_harlequin() -> None:
    """Hands the terminal over to harlequin on the published copy, read-only. Bad use where it is not installed."""
    import os
    import shutil

    program = shutil.which("harlequin")
    if program is None:
        raise typer.BadParameter('no statement given, and harlequin is not installed (`pip install harlequin`): give "SELECT ..."')
    published = _settings().published
    if not published.exists():
        from warehouse.errors import NotPublished

        raise NotPublished(f"nothing is published yet at {published}: run `sidelines run` first")
    os.execv(program, [program, "--read-only", str(published)])


# ── report ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def report(
    output: Annotated[Path, typer.Option("--output", "-o", help="the file to write")] = Path("report.html"),
    since: Annotated[datetime | None, typer.Option(formats=DAY, help="meetings on this day or later")] = None,
    until: Annotated[datetime | None, typer.Option(formats=DAY, help="meetings on this day or earlier")] = None,
) -> None:
    """One self-contained HTML file: what is new, who met whom, planned, called off, conflicts, sources; filters work with no server."""
    from flows.reporting import write_report

    days = {"since": since.date() if since else None, "until": until.date() if until else None}
    digest = write_report(_settings().published, output, now=datetime.now(UTC), **days)
    typer.echo(f"wrote {output}: {len(digest.meetings)} meetings, {output.stat().st_size / 1e6:.1f} MB")


# ── watches ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@watch_app.command("add")
def watch_add(
    name: Annotated[str | None, typer.Option(help="short name of the watch and of its files; made from the question if left out")] = None,
    country: Annotated[str | None, typer.Option(help="a party's country: alpha-3 code or English name")] = None,
    person: Annotated[str | None, typer.Option(help="a party's name, or part of it")] = None,
    topic: Annotated[str | None, typer.Option(help="a topic's code")] = None,
    status: Annotated[str | None, typer.Option(help="held, planned or cancelled")] = None,
    event: Annotated[str | None, typer.Option(help="part of the host event's name, or its acronym")] = None,
) -> None:
    """Watch for meetings that match all that is given. Meetings that are known already are not told."""
    from flows.naming import country_code
    from flows.watching import Watch, add_watch, answer_watches, write_answer
    from warehouse.errors import NotPublished

    settings = _settings()
    asked = [value for value in (country and country_code(country), person, topic, status, event) if value]
    watch = Watch(
        watch_id=name or "-".join("".join(c if c.isascii() and c.isalnum() else "-" for c in value.lower()).strip("-") for value in asked),
        country=country_code(country) if country else None, person=person, topic=topic, status=status, event=event,
    )  # fmt: skip
    add_watch(settings.home, watch)
    try:
        known = next(a for a in answer_watches(settings.home, settings.published) if a.watch == watch)
    except NotPublished:
        typer.echo(f"watching {watch.watch_id}: {watch.question}")
        return
    write_answer(settings.home, known, now=datetime.now(UTC))
    typer.echo(f"watching {watch.watch_id}: {watch.question}; {len(known.meetings)} meetings are known")


@watch_app.command("list")
def watch_list(form: FormOption = Form.TABLE) -> None:
    """All watches, and where their feed and calendar are."""
    from flows.watching import read_watches
    from warehouse.connection import Answer

    settings = _settings()
    rows = tuple((w.watch_id, w.question, str(settings.home / "watches" / f"{w.watch_id}.atom")) for w in read_watches(settings.home))
    _print_rows(form, Answer(("watch", "question", "feed"), rows)) if rows or form is not Form.TABLE else typer.echo("no watches")


@watch_app.command("test")
def watch_test(name: Annotated[str, typer.Argument(help="a watch's name")], form: FormOption = Form.TABLE) -> None:
    """What a watch finds now, and what of it would be told. Nothing is sent or written."""
    from warehouse.connection import Answer

    told = _answer_of(_settings(), name)
    news = {meeting.meeting_id for meeting in told.news}
    from flows.watching import headline

    rows = tuple(
        (str(m.meeting_id)[-6:], str(m.day or ""), m.status, headline(m), "yes" if m.meeting_id in news else "") for m in told.meetings
    )
    _print_rows(form, Answer(("id", "day", "status", "meeting", "news"), rows))


@watch_app.command("remove")
def watch_remove(name: Annotated[str, typer.Argument(help="a watch's name")]) -> None:
    """Ends a watch and removes its files."""
    from flows.watching import remove_watch

    remove_watch(_settings().home, name)
    typer.echo(f"no longer watching {name}")


def _answer_of(settings: "Settings", name: str) -> "WatchAnswer":
    from flows.watching import WatchError, answer_watches

    for answer in answer_watches(settings.home, settings.published):
        if answer.watch.watch_id == name:
            return answer
    raise WatchError(f"there is no watch {name}")


# ── corrections ──────────────────────────────────────────────────────────────────────────────────────────────────────

MentionArgument = Annotated[UUID, typer.Argument(metavar="MENTION", help="id of a mention: `sidelines why MEETING` shows it")]


@correct_app.command("party")
def correct_party(
    mention: MentionArgument,
    reason: NoteOption,
    number: Annotated[int | None, typer.Option(min=1, help="which party, counted from 1; left out: one is missing, add it")] = None,
    name: Annotated[str | None, typer.Option(help="the right name")] = None,
    role: Annotated[str | None, typer.Option(help="the right office")] = None,
    country: Annotated[str | None, typer.Option(help="the right country: alpha-3 code or English name")] = None,
    organization: Annotated[str | None, typer.Option(help="the right body")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="this one is no party of the meeting")] = False,
    by: ByOption = None,
) -> None:
    """A party is wrong, missing, or no party at all."""
    from flows.naming import country_code
    from warehouse.amending import wrong_party

    given = {"name": name, "role": role, "country": country and country_code(country), "organization": organization}
    value = {key: text for key, text in given.items() if text is not None}
    if remove == bool(value) or (remove and number is None):
        raise typer.BadParameter("give what is right (--name, --role, --country, --organization), or --number N --remove")
    settings = _settings()
    _correct(settings, wrong_party(settings.published, mention, None if number is None else number - 1, value,
                                   at=datetime.now(UTC), note=reason, made_by=by))


@correct_app.command("date")
def correct_date(
    mention: MentionArgument,
    day: Annotated[datetime, typer.Argument(formats=DAY, help="the right first day")],
    reason: NoteOption,
    until: Annotated[datetime | None, typer.Option(formats=DAY, help="the right last day, of more than one")] = None,
    by: ByOption = None,
) -> None:
    """The day is wrong."""
    from warehouse.amending import wrong_date

    settings = _settings()
    value = {"start_date": day.date().isoformat(), "end_date": until.date().isoformat() if until else "", "date_precision": "day"}
    _correct(settings, wrong_date(settings.published, mention, value, at=datetime.now(UTC), note=reason, made_by=by))


@correct_app.command("not-a-meeting")
def correct_not_a_meeting(mention: MentionArgument, reason: NoteOption, by: ByOption = None) -> None:
    """The article tells of no such meeting."""
    from warehouse.amending import not_a_meeting

    settings = _settings()
    _correct(settings, not_a_meeting(settings.published, mention, at=datetime.now(UTC), note=reason, made_by=by))


@correct_app.command("withdraw")
def correct_withdraw(
    correction: Annotated[UUID, typer.Argument(help="id of a correction: `sidelines correct list` shows it")],
    reason: NoteOption,
    by: ByOption = None,
) -> None:
    """Takes an earlier correction back."""
    from warehouse.amending import withdraw

    _correct(_settings(), withdraw(correction, at=datetime.now(UTC), note=reason, made_by=by))


@correct_app.command("list")
def correct_list(form: FormOption = Form.TABLE) -> None:
    """All corrections, who made them, why, and whether they hold."""
    from warehouse.consulting import corrections

    _print_rows(form, corrections(_settings().published))


def _correct(settings: "Settings", correction: Any) -> None:
    from warehouse.amending import write_correction
    from warehouse.connection import WarehousePaths
    from warehouse.loading import load_pending

    write_correction(settings.inbox, correction)
    load_pending(WarehousePaths.under(settings.home))
    typer.echo("kept, and applied to the published copy")


# ── printing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _show(form: Form, pager: bool, answer: "Answer", beside: Mapping[str, "Answer"], *, none: str) -> None:
    """An answer, with smaller tables above it for eyes; programs get the answer alone."""
    if form is not Form.TABLE:
        _print_rows(form, answer)
        return
    from contextlib import nullcontext

    from rich.console import Console

    from flows.presenting import pick_columns, print_table

    console = Console()
    if not answer.rows:
        console.print(none)
        return
    with console.pager(styles=True) if pager else nullcontext():
        for title, table in beside.items():
            told = pick_columns(table, [name for i, name in enumerate(table.columns) if any(row[i] is not None for row in table.rows)])
            if told.rows:
                print_table(console, told.columns, told.rows, title=title)
        wide = console.width >= 110
        shown = pick_columns(answer, tuple(c for c in answer.columns if c != "meeting_id" and (wide or c not in ("person", "reports"))))
        print_table(console, shown.columns, shown.rows, title="Meetings")


def _print_rows(form: Form, answer: "Answer") -> None:
    from flows.presenting import Format, print_rows

    print_rows(answer, Format(form))


def _dicts(answer: "Answer") -> list[dict[str, Any]]:
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]


def _settings() -> "Settings":
    from flows.settings import load_settings

    return load_settings()
