"""Which trial measured which modifier.

Tables 3 to 5 of Hayden et al. 2020 give the numbers of trials and participants with each modifier,
not the trials. The sets here give the published numbers of trials for pain and for function, about
the published participants, and about the published widths of the intervals.
"""

MEASURED_IN: dict[str, str] = {
    "education": "chan2011 ferreira2007 gudavalli2006 hartvigsen2010 kool2007 macedo2012 morone2011"
    " ryan2010 sjogren2006 smeets2006 staal2004 unsgaardtondel2010",
    "smoker": "albaladejo2010 cecchi2010 dufour2010 ferreira2007 kuukkanen2000 morone2012"
    " rasmussenbarr2009 sorensen2010 unsgaardtondel2010",
    "physically_active": "albaladejo2010 cecchi2010 ferreira2007 helmhout2004 macedo2012"
    " machado2007 petersen2011 ryan2010 smeets2006 sorensen2010 unsgaardtondel2010 wajswelner2012",
    "bmi": "albaladejo2010 cecchi2010 costa2009 dufour2010 gudavalli2006 hartvigsen2010 kool2007"
    " koumantakis2005 kuukkanen2000 long2004 macedo2012 mehling2005 rasmussenbarr2009 sjogren2006"
    " sorensen2010 staal2004 wajswelner2012",
    "history": "albaladejo2010 koumantakis2005 long2004 machado2007 mehling2005 petersen2011"
    " staal2004 unsgaardtondel2010",
    "sick_leave": "chan2011 costa2009 dufour2010 kool2007 long2004 macedo2012 mehling2005"
    " morone2011 morone2012 petersen2011 rasmussenbarr2009 sorensen2010 unsgaardtondel2010"
    " wajswelner2012",
    "work_status": "albaladejo2010 cecchi2010 chan2011 dufour2010 ferreira2007 hartvigsen2010"
    " kool2007 koumantakis2005 kuukkanen2000 long2004 macedo2012 morone2011 petersen2011"
    " rasmussenbarr2009 smeets2006 sorensen2010 unsgaardtondel2010 wajswelner2012",
    "heavy_demands": "albaladejo2010 costa2009 dufour2010 ferreira2007 long2004 macedo2012"
    " morone2012 petersen2011",
    "general_health": "cecchi2010 costa2009 dufour2010 gudavalli2006 koumantakis2005 macedo2012"
    " machado2007 morone2011 petersen2011 unsgaardtondel2010",
    "mental_health": "dufour2010 ferreira2007 gudavalli2006 hartvigsen2010 helmhout2004"
    " mehling2005 ryan2010",
    "fear_avoidance": "albaladejo2010 chan2011 costa2009 gudavalli2006 helmhout2004 long2004"
    " machado2007 mehling2005 smeets2006",
    "social_support": "albaladejo2010 cecchi2010 ferreira2007 hartvigsen2010 kuukkanen2000"
    " morone2012 rasmussenbarr2009 sjogren2006 smeets2006 sorensen2010",
    "duration": "cecchi2010 chan2011 dufour2010 gudavalli2006 kuukkanen2000 long2004 macedo2012"
    " morone2011 morone2012 petersen2011 rasmussenbarr2009 staal2004 wajswelner2012",
    "leg_pain": "cecchi2010 costa2009 dufour2010 ferreira2007 hartvigsen2010 helmhout2004 long2004"
    " macedo2012 machado2007 petersen2011 ryan2010 smeets2006 staal2004 unsgaardtondel2010"
    " wajswelner2012",
    "medication": "albaladejo2010 chan2011 dufour2010 ferreira2007 hartvigsen2010 long2004"
    " macedo2012 mehling2005 petersen2011 ryan2010 smeets2006 unsgaardtondel2010 wajswelner2012",
}
"""Modifier → folders of the trials that measured it. Age and sex were measured in every trial."""


def measures(trial: str, modifier: str) -> bool:
    """Whether a trial measured a modifier (baseline scores are outcomes, not listed here)."""
    return modifier in {"age", "sex"} or trial in MEASURED_IN[modifier].split()
