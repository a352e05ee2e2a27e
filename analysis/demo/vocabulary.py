"""What trialists call their columns and codes, in the languages of their countries."""

_CONCEPTS = (
    "participant arm age sex education smoker physically_active bmi history sick_leave work_status"
    " heavy_demands general_health mental_health fear_avoidance social_support duration leg_pain"
    " medication pain function site therapist date remarks visit weight height"
)
_COLUMNS = {
    "en": "id group age sex education smoker exercise_habit bmi previous_lbp sick_leave work"
    " heavy_work gen_health ment_health fear_avoid social_support duration leg_pain medication pain"
    " disability centre therapist date_random comments visit weight height",
    "en_forms": "subject_no treatment_group age_years gender educ_level tobacco regular_activity"
    " body_mass_index prior_episodes work_absence_12m employment physical_demands health_score"
    " mental_score beliefs_score support episode_length leg_symptoms analgesics pain_score"
    " roland_score site clinician randomised_on notes assessment weight_kg height_cm",
    "es": "id_paciente grupo edad sexo estudios fumador actividad_física imc episodios_previos"
    " baja_laboral situación_laboral trabajo_pesado salud_general salud_mental miedo_evitación"
    " apoyo_social duración dolor_pierna medicación dolor discapacidad centro terapeuta"
    " fecha_inclusión observaciones visita peso talla",
    "it": "codice gruppo età sesso istruzione fumo attività_fisica bmi episodi_precedenti"
    " assenza_lavoro occupazione lavoro_pesante salute_generale salute_mentale paura_evitamento"
    " sostegno_sociale durata dolore_gamba farmaci dolore disabilità ambulatorio fisioterapista"
    " data_reclutamento note visita peso statura",
    "da": "lbnr gruppe alder køn uddannelse ryger fysisk_aktiv bmi tidligere_ondt sygemeldt"
    " i_arbejde tungt_arbejde alment_helbred psykisk_helbred bevægefrygt social_støtte varighed"
    " bensmerter medicin smerte funktion afdeling behandler dato bemærkninger besøg vægt højde",
    "nl": "nummer groep leeftijd geslacht opleiding roker sport bmi eerdere_klachten ziekteverlof"
    " werkstatus zwaar_werk gezondheid psych_gezondheid bewegingsangst steun duur beenpijn"
    " pijnmedicatie pijn beperking locatie therapeut datum opmerkingen meting gewicht lengte",
    "de": "patnr gruppe alter geschlecht schulbildung raucher sport bmi frühere_episoden"
    " arbeitsunfähig erwerbstätig schwere_arbeit allg_gesundheit psyche angst_vermeidung"
    " soz_unterstützung dauer beinschmerz medikamente schmerz funktion station therapeut datum"
    " bemerkung visite gewicht größe",
    "fi": "tunnus ryhmä ikä sukupuoli koulutus tupakointi liikunta bmi aiemmat_jaksot sairausloma"
    " työtilanne raskas_työ terveys mielenterveys pelko sosiaalinen_tuki kesto jalkakipu lääkitys"
    " kipu haitta toimipiste ohjaaja pvm huomautus käynti paino pituus",
    "pt": "registro grupo idade sexo escolaridade fumante atividade_física imc episódios_prévios"
    " afastamento ocupação trabalho_pesado saúde_geral saúde_mental medo_evitação apoio_social"
    " duração dor_perna medicação dor incapacidade unidade fisioterapeuta data_inclusão observação"
    " avaliação peso altura",
    "sv": "löpnr grupp ålder kön utbildning rökare fysiskt_aktiv bmi tidigare_besvär sjukskriven"
    " arbete tungt_arbete hälsa psykisk_hälsa rörelserädsla socialt_stöd duration bensmärta"
    " läkemedel smärta funktion klinik sjukgymnast datum anmärkning besök vikt längd",
    "no": "pasientnr gruppe alder kjønn utdanning røyker fysisk_aktiv kmi tidligere_plager"
    " sykmeldt arbeid tungt_arbeid helse psykisk_helse frykt sosial_støtte varighet beinsmerter"
    " medisiner smerte funksjon klinikk fysioterapeut dato merknad besøk vekt høyde",
}

YES_NO = {
    "en": ("Yes", "No"),
    "en_forms": ("Y", "N"),
    "es": ("sí", "no"),
    "it": ("sì", "no"),
    "da": ("ja", "nej"),
    "nl": ("ja", "nee"),
    "de": ("ja", "nein"),
    "fi": ("kyllä", "ei"),
    "pt": ("sim", "não"),
    "sv": ("ja", "nej"),
    "no": ("ja", "nei"),
}
SEX = {
    "en": ("M", "F"),
    "en_forms": ("Male", "Female"),
    "es": ("hombre", "mujer"),
    "it": ("M", "F"),
    "da": ("M", "K"),
    "nl": ("man", "vrouw"),
    "de": ("m", "w"),
    "fi": ("mies", "nainen"),
    "pt": ("masculino", "feminino"),
    "sv": ("M", "K"),
    "no": ("mann", "kvinne"),
}
"""Words for men and for women."""

REMARKS = {
    "en": ("moved away", "missed one session", "knee pain", "on holiday in week 5"),
    "en_forms": ("phoned to postpone", "fear of falling", "prefers mornings", "new job"),
    "es": ("cambió de domicilio", "falta a una sesión", "prefiere la mañana", "dolor de rodilla"),
    "it": ("ha cambiato medico", "assente a una seduta", "preferisce il mattino", "cervicalgia"),
    "da": ("flyttet", "mødte ikke 2. gang", "ønsker formiddag", "ondt i knæet"),
    "nl": ("verhuisd", "een keer afwezig", "liever 's ochtends", "knieklachten"),
    "de": ("umgezogen", "einmal gefehlt", "lieber vormittags", "Knieschmerzen"),
    "fi": ("muuttanut", "poissa kerran", "mieluummin aamulla", "polvikipu"),
    "pt": ("mudou de endereço", "faltou a uma sessão", "prefere de manhã", "dor no joelho"),
    "sv": ("flyttat", "uteblev en gång", "helst förmiddag", "ont i knät"),
    "no": ("flyttet", "møtte ikke én gang", "helst formiddag", "vondt i kneet"),
}


def column_names(language: str, case: str) -> dict[str, str]:
    """Concept → name of its column.

    Parameters
    ----------
    language
        Key of the language.
    case
        "plain", "upper", "title" (words with capitals and spaces), or "short" (eight characters
        in capitals, as old versions of SPSS wanted).
    """
    concepts, words = _CONCEPTS.split(), _COLUMNS[language].split()
    return {concept: _in_case(name, case) for concept, name in zip(concepts, words, strict=True)}


def _in_case(name: str, case: str) -> str:
    if case == "upper":
        return name.upper()
    if case == "title":
        return name.replace("_", " ").capitalize()
    return name.replace("_", "")[:8].upper() if case == "short" else name
