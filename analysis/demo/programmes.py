"""Design and delivery of the 46 exercise programmes.

Table 2 of Hayden et al. 2020 gives the numbers of each; which trial had which is not published and
was chosen here so that all numbers hold.
"""

_DESIGNS = {
    "I": "Individualised",
    "P": "Partially individualised",
    "S": "Standardised",
    "-": "",
}
_DELIVERIES = {
    "home": "Independent",
    "checked": "Independent with follow-up",
    "group": "Group",
    "one": "One-on-one",
    "-": "",
}
_CHOSEN: dict[str, str] = {  # in the order of the arms: design/delivery
    "albaladejo2010": "P/group",
    "cecchi2010": "S/group I/one",
    "chan2011": "I/one I/one",
    "costa2009": "I/one",
    "dufour2010": "P/group P/one",
    "ferreira2007": "P/group I/one",
    "gudavalli2006": "P/one",
    "hartvigsen2010": "S/group S/home",
    "helmhout2004": "S/one S/one",
    "kool2007": "P/group P/group",
    "koumantakis2005": "P/group P/group",
    "kuukkanen2000": "P/home",
    "long2004": "I/one I/- S/-",
    "macedo2012": "I/one I/one",
    "machado2007": "P/group",
    "mehling2005": "I/one I/one",
    "morone2011": "S/group",
    "morone2012": "-/-",
    "petersen2011": "I/checked P/-",
    "rasmussenbarr2009": "P/checked P/home",
    "ryan2010": "P/group",
    "sjogren2006": "S/home",
    "smeets2006": "P/group P/group P/group",
    "sorensen2010": "I/one",
    "staal2004": "P/group",
    "unsgaardtondel2010": "I/one P/one S/group",
    "wajswelner2012": "I/home P/group",
}


def programmes(trial: str) -> tuple[tuple[str, str], ...]:
    """Design and delivery of each exercise arm of a trial, in order; empty where not specified."""
    pairs = (each.split("/") for each in _CHOSEN[trial].split())
    return tuple((_DESIGNS[design], _DELIVERIES[delivery]) for design, delivery in pairs)
