"""Every kind of bad input, with the problem that must be found and its place."""

from dataclasses import dataclass, field

from small_review import DATA, TRIAL, Contents, Edit, short

YML, CSV, PLAN = "trial.yml", "alpha.csv", "protocol.yml"
SECOND = "data/trials/beta/trial.yml"


@dataclass(frozen=True)
class Bad:
    """A spoilt review: what is replaced and added, and the one problem that must be found."""

    check: str
    file: str
    edits: tuple[Edit, ...] = ()
    extra: Contents = field(default_factory=dict)
    at: str = ""  # text in the line of the YAML file
    column: str = ""
    rows: tuple[str, ...] = ()
    says: str = ""  # in the message or the remedy


def csv(old: str, new: str) -> tuple[Edit, ...]:
    return ((CSV, old, new),)


def yml(old: str, new: str) -> tuple[Edit, ...]:
    return ((YML, old, new),)


def raw(content: bytes) -> Contents:
    return {short(CSV): content}


LONG_FILE = "files:\n  - path: alpha.csv\n"
VISITS = """\
files:
  - path: alpha.csv
  - path: visits.csv
    layout: long
    visit: visit
    visits: {1: 0, 2: 12}
"""
LONG_PAIN = """\
    column: pain
"""
WIDE_PAIN = """\
    measurements:
      - {weeks: 0, column: pain0}
      - {weeks: 12, column: pain12}
      - {weeks: 52, column: pain52}
"""
TO_LONG = (*yml(LONG_FILE, VISITS), *yml(WIDE_PAIN, LONG_PAIN))


def visits(*rows: str) -> Contents:
    start = ["id,visit,pain", *(f"10{n},1,5" for n in range(1, 7))]
    return {"data/trials/alpha/visits.csv": "\n".join([*start, *rows, ""])}


BAD = {
    "unknown column": Bad(
        "unknown-column",
        YML,
        yml("column: pain12", "column: pain_12"),
        at="pain_12",
        says="Did you mean 'pain12'?",
    ),
    "unknown participant column": Bad(
        "unknown-column", YML, yml("participant: id", "participant: ID"), at="ID", says="'id'"
    ),
    "unmapped code": Bad(
        "unmapped-code",
        CSV,
        csv("101,1,30,1", "101,1,30,3"),
        column="sex",
        rows=("101",),
        says="'3' (once)",
    ),
    "unmapped event": Bad(
        "unmapped-code",
        CSV,
        csv("30,1,8,4,2,15,21,n", "30,1,8,4,2,15,21,x"),
        (),
        "",
        "op",
        ("101",),
    ),
    "outside the instrument's range": Bad(
        "out-of-range",
        CSV,
        csv("2,6,5,-9", "2,6,50,-9"),
        column="pain12",
        rows=("102",),
        says="0 to 10 (NRS)",
    ),
    "outside the protocol's range": Bad(
        "out-of-range", CSV, csv("101,1,30", "101,1,300"), column="age", rows=("101",)
    ),
    "not a number": Bad(
        "not-a-number", CSV, csv("101,1,30", "101,1,thirty"), column="age", rows=("101",)
    ),
    "infinite": Bad("not-a-number", CSV, csv("101,1,30", "101,1,inf"), column="age", rows=("101",)),
    "between two steps": Bad(
        "off-step", CSV, csv("30,1,8,4", "30,1,8,4.5"), column="pain12", rows=("101",)
    ),
    "participant twice": Bad(
        "duplicate-participant", CSV, csv("102,1,40", "101,1,40"), column="id", rows=("101",)
    ),
    "no participant": Bad(
        "missing-participant", CSV, csv("102,1,40", ",1,40"), column="id", rows=("row 2",)
    ),
    "visit twice": Bad(
        "duplicate-visit",
        "visits.csv",
        TO_LONG,
        visits("101,2,4", "101,2,5"),
        column="id",
        rows=("101 @ 2",),
    ),
    "visit without week": Bad(
        "unmapped-code",
        "visits.csv",
        TO_LONG,
        visits("101,2,4", "101,7,5"),
        column="visit",
        rows=("row 8",),
        says="'7' (once)",
    ),
    "participant of a later file only": Bad(
        "unknown-participant", "visits.csv", TO_LONG, visits("101,2,4", "999,2,5"), rows=("999",)
    ),
    "visits of wide file": Bad(
        "layout",
        YML,
        (*yml(LONG_FILE, VISITS), *yml(WIDE_PAIN, "    column: pain12\n")),
        visits(),
        at="pain12",
    ),
    "no arm": Bad("missing-arm", CSV, csv("101,1,30", "101,,30"), column="group", rows=("101",)),
    "arm without code": Bad(
        "unmapped-code", CSV, csv("101,1,30", "101,4,30"), column="group", rows=("101",)
    ),
    "arm category": Bad(
        "arm-category",
        YML,
        yml("category: exercise", "category: excercise"),
        at="excercise",
        says="Did you mean 'exercise'?",
    ),
    "outside every window": Bad(
        "follow-up-window",
        YML,
        yml("weeks: 10", "weeks: 30"),
        at="  mobility:",
        says="short 6-18",
    ),
    "two measurements at one time": Bad(
        "measurement-twice",
        YML,
        yml("weeks: 52, column: pain52", "weeks: 12, column: pain52"),
        at="column: pain52",
    ),
    "missing file": Bad(
        "missing-file",
        "data/trials/alpha/alfa.csv",
        yml("alpha.csv", "alfa.csv"),
        says="Did you mean 'alpha.csv'?",
    ),
    "file outside": Bad(
        "missing-file",
        "data/trials/alpha/../../protocol.yml",
        yml("alpha.csv", "../../protocol.yml"),
    ),
    "unknown format": Bad(
        "format",
        "data/trials/alpha/alpha.doc",
        yml("alpha.csv", "alpha.doc"),
        {"data/trials/alpha/alpha.doc": "id"},
    ),
    "empty file": Bad("empty-file", CSV, extra=raw(b"")),
    "header only": Bad("empty-file", CSV, extra=raw(DATA.split("\n", maxsplit=1)[0].encode())),
    "truncated": Bad("truncated", CSV, extra=raw(DATA[:-12].encode()), rows=("row 6",)),
    "decimal comma": Bad(
        "ragged-rows", CSV, csv("102,1,40", "102,1,40,5"), rows=("row 2",), says="12"
    ),
    "open quotation mark": Bad("unreadable", CSV, csv("101,1", '101,"1'), rows=("row 1",)),
    "binary": Bad("unreadable", CSV, extra=raw(DATA.encode() + b"\0\0")),
    "wrong encoding": Bad(
        "encoding",
        CSV,
        extra=raw(DATA.replace("101", "Zürich").encode("latin-1")),
        says="line 2",
    ),
    "utf-16": Bad("encoding", CSV, extra=raw(DATA.encode("utf-16")), says="utf-16"),
    "utf-8 read as cp1252": Bad(
        "encoding",
        CSV,
        yml("- path: alpha.csv", "- path: alpha.csv\n    encoding: cp1252"),
        raw(DATA.replace("101", "Zürich").encode()),
    ),
    "no such encoding": Bad(
        "encoding", CSV, yml("- path: alpha.csv", "- path: alpha.csv\n    encoding: utf8000")
    ),
    "wrong delimiter": Bad(
        "delimiter", CSV, extra=raw(DATA.replace(",", ";").encode()), says='Set delimiter: ";"'
    ),
    "column twice": Bad(
        "column-twice",
        CSV,
        extra=raw(DATA.replace("\n", ",9\n").replace("status,9", "status,age").encode()),
        column="age",
    ),
    "misspelt key": Bad(
        "unknown-key",
        YML,
        yml("    column: sex\n", "    column: sex\n    mising: [9]\n"),
        at="mising",
        says="Did you mean 'missing'?",
    ),
    "unknown outcome": Bad(
        "unknown-outcome", YML, yml("  surgery:", "  surgry:"), at="surgry", says="'surgery'"
    ),
    "unknown modifier": Bad(
        "unknown-modifier", YML, yml("  age: {", "  aeg: {"), at="aeg", says="'age'"
    ),
    "unknown exclusion": Bad(
        "unknown-exclusion",
        YML,
        yml("  withdrew:", "  withdraw:"),
        at="withdraw:",
        says="'withdrew'",
    ),
    "unknown level": Bad(
        "unknown-level", YML, yml("2: female", "2: femal"), at="femal", says="'female'"
    ),
    "unknown event": Bad(
        "unknown-level", YML, yml("y: event", "y: yes"), at="y: yes", says="no_event"
    ),
    "baseline mapped as modifier": Bad(
        "baseline-modifier",
        YML,
        yml("modifiers:\n", "modifiers:\n  pain_start: {column: pain0}\n"),
        at="pain_start",
    ),
    "different values at the visits": Bad(
        "conflicting-values",
        "visits.csv",
        (
            *yml(LONG_FILE, VISITS.replace("2: 12", "2: 12, 3: 52")),
            *yml(WIDE_PAIN, LONG_PAIN),
            *yml("age: {column: age}", "age: {column: years}"),
        ),
        {
            "data/trials/alpha/visits.csv": "id,visit,pain,years\n"
            + "".join(f"10{n},1,5,{'' if n == 1 else 30}\n" for n in range(1, 7))
            + "101,2,4,30\n101,3,4,31\n102,2,4,31\n"
        },
        column="years",
        rows=("101",),
    ),
    "several levels": Bad(
        "several-levels",
        CSV,
        (
            *yml(
                "    column: sex\n    codes: {1: male, 2: female}\n",
                "    combine: {sex: male, group: female}\n    yes: 1\n    no: 2\n",
            ),
        ),
        rows=("101", "103"),
    ),
    "no cluster": Bad(
        "missing-cluster",
        CSV,
        yml("participant: id", "participant: id\ncluster: sex"),
        column="sex",
        rows=("105",),
    ),
    "direction without scale": Bad(
        "direction",
        YML,
        (
            (
                "protocol.yml",
                "    label: Mobility\n    kind: continuous\n    scale: [0, 100]\n",
                "    label: Mobility\n    kind: continuous\n",
            ),
        ),
        at="name: PSFS",
    ),
    "misspelt key of the protocol": Bad(
        "unknown-key",
        PLAN,
        ((PLAN, "unit: years", "unitt: years"),),
        at="unitt",
        says="Did you mean 'unit'?",
    ),
    "reserved modifier": Bad(
        "reserved-key",
        PLAN,
        ((PLAN, "  age: {label", "  arm: {label: Arm, kind: continuous}\n  age: {label"),),
    ),
    "folder without mapping": Bad(
        "no-mapping", "data/trials/beta", extra={"data/trials/beta/beta.csv": DATA}
    ),
    "two trials with one label": Bad(
        "label-twice",
        SECOND,
        extra={SECOND: TRIAL, "data/trials/beta/alpha.csv": DATA},
        says="alpha",
    ),
    "unknown published outcome": Bad(
        "unknown-outcome",
        YML,
        yml(
            "exclusions:\n",
            "published:\n  - {statistic: mean, value: 1, outcome: pian}\nexclusions:\n",
        ),
        at="pian",
    ),
}
