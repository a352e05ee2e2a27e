"""The publications of the 27 trials, from the reference list of Hayden et al. 2020."""

from typing import NamedTuple


class Reference(NamedTuple):
    """One publication, with its number in the reference list."""

    number: int
    authors: str
    year: int
    title: str
    journal: str


REFERENCES: dict[str, Reference] = {
    "albaladejo2010": Reference(
        36,
        "Albaladejo C, Kovacs FM, Royuela A, et al",
        2010,
        "The efficacy of a short education program and a short physiotherapy program for "
        "treating low back pain in primary care: a cluster randomized trial",
        "Spine 2010;35(5):483-96",
    ),
    "cecchi2010": Reference(
        37,
        "Cecchi F, Molino-Lova R, Chiti M, et al",
        2010,
        "Spinal manipulation compared with back school and with individually delivered "
        "physiotherapy for the treatment of chronic low back pain: a randomized trial with "
        "one-year follow-up",
        "Clin Rehabil 2010;24(1):26-36",
    ),
    "chan2011": Reference(
        38,
        "Chan CW, Mok NW, Yeung EW",
        2011,
        "Aerobic Exercise Training in Addition to Conventional Physiotherapy for Chronic Low "
        "Back Pain: A Randomized Controlled Trial",
        "Arch Phys Med Rehabil 2011;92(10):1681-85",
    ),
    "costa2009": Reference(
        39,
        "Costa LOP, Maher CG, Latimer J, et al",
        2009,
        "Motor Control Exercise for Chronic Low Back Pain: A Randomized Placebo-Controlled Trial",
        "Phys Ther 2009;89(12):1275-86",
    ),
    "dufour2010": Reference(
        40,
        "Dufour N, Thamsborg G, Oefeldt A, et al",
        2010,
        "Treatment of chronic low back pain: a randomized, clinical trial comparing group- "
        "based multidisciplinary biopsychosocial rehabilitation and intensive individual "
        "therapist-assisted back muscle strengthening exercises",
        "Spine 2010;35(5):469-76",
    ),
    "ferreira2007": Reference(
        41,
        "Ferreira ML, Ferreira PH, Latimer J, et al",
        2007,
        "Comparison of general exercise, motor control exercise and spinal manipulative "
        "therapy for chronic low back pain: A randomized trial",
        "Pain 2007;131(1-2):31-37",
    ),
    "gudavalli2006": Reference(
        43,
        "Gudavalli MR, Cambron JA, McGregor M, et al",
        2006,
        "A randomized clinical trial and subgroup analysis to compare flexion-distraction "
        "with active exercise for chronic low back pain",
        "Eur Spine J 2006;15(7):1070-82",
    ),
    "hartvigsen2010": Reference(
        44,
        "Hartvigsen J, Morsø L, Bendix T, et al",
        2010,
        "Supervised and non-supervised Nordic walking in the treatment of chronic low back "
        "pain: a single blind randomized clinical trial",
        "BMC Musculoskelet Disord 2010;11:30",
    ),
    "helmhout2004": Reference(
        45,
        "Helmhout PH, Harts CC, Staal JB, et al",
        2004,
        "Comparison of a high-intensity and a low-intensity lumbar extensor training program "
        "as minimal intervention treatment in low back pain: a randomized trial",
        "Eur Spine J 2004;13(6):537-47",
    ),
    "kool2007": Reference(
        46,
        "Kool J, Bachmann S, Oesch P, et al",
        2007,
        "Function-Centered Rehabilitation Increases Work Days in Patients With Nonacute "
        "Nonspecific Low Back Pain: 1-Year Results From a Randomized Controlled Trial",
        "Arch Phys Med Rehabil 2007;88(9):1089-94",
    ),
    "koumantakis2005": Reference(
        47,
        "Koumantakis GA, Watson PJ, Oldham JA",
        2005,
        "Trunk muscle stabilization training plus general exercise versus general exercise "
        "only: randomized controlled trial of patients with recurrent low back pain",
        "Phys Ther 2005;85(3):209-25",
    ),
    "kuukkanen2000": Reference(
        48,
        "Kuukkanen TM, Malkia EA",
        2000,
        "An experimental controlled study on postural sway and therapeutic exercise in "
        "subjects with low back pain",
        "Clin Rehabil 2000;14:192-202",
    ),
    "long2004": Reference(
        49,
        "Long A, Donelson R, Fung T",
        2004,
        "Does it matter which exercise? A randomized control trial of exercise for low back pain",
        "Spine 2004;29(23):2593-602",
    ),
    "macedo2012": Reference(
        42,
        "Macedo LG, Latimer J, Maher CG, et al",
        2012,
        "Effect of Motor Control Exercises Versus Graded Activity in Patients With Chronic "
        "Nonspecific Low Back Pain: A Randomized Controlled Trial",
        "Phys Ther 2012;92(3):363-77",
    ),
    "machado2007": Reference(
        50,
        "Machado LA, Azevedo DC, Capanema MB, et al",
        2007,
        "Client-centered therapy vs exercise therapy for chronic low back pain: a pilot "
        "randomized controlled trial in Brazil",
        "Pain Med 2007;8(3):251-58",
    ),
    "mehling2005": Reference(
        51,
        "Mehling WE, Hamel KA, Acree M, et al",
        2005,
        "Randomized, controlled trial of breath therapy for patients with chronic low-back pain",
        "Altern Ther Health Med 2005;11(4):44-52",
    ),
    "morone2011": Reference(
        53,
        "Morone G, Paolucci T, Alcuri MR, et al",
        2011,
        "Quality of life improved by multidisciplinary back school program in patients with "
        "chronic non-specific low back pain: a single blind randomized controlled trial",
        "Eur J Phys Rehabil Med 2011;47(4):533-41",
    ),
    "morone2012": Reference(
        52,
        "Morone G, Iosa M, Paolucci T, et al",
        2012,
        "Efficacy of perceptive rehabilitation in the treatment of chronic nonspecific low "
        "back pain through a new tool: a randomized clinical study",
        "Clin Rehabil 2012;26(4):339-50",
    ),
    "petersen2011": Reference(
        63,
        "Petersen T, Larsen K, Nordsteen J, et al",
        2011,
        "The McKenzie method compared with manipulation when used adjunctive to information "
        "and advice in low back pain patients presenting with centralization or "
        "peripheralization: a randomized controlled trial",
        "Spine 2011;36(24):1999-2010",
    ),
    "rasmussenbarr2009": Reference(
        54,
        "Rasmussen-Barr E, Ang B, Arvidsson I, et al",
        2009,
        "Graded exercise for recurrent low-back pain: a randomized, controlled trial with 6-, "
        "12-, and 36-month follow-ups",
        "Spine 2009;34(3):221-28",
    ),
    "ryan2010": Reference(
        55,
        "Ryan CG, Gray HG, Newton M, et al",
        2010,
        "Pain biology education and exercise classes compared to pain biology education alone "
        "for individuals with chronic low back pain: a pilot randomised controlled trial",
        "Man Ther 2010;15(4):382-7",
    ),
    "sjogren2006": Reference(
        56,
        "Sjögren T, Nissinen KJ, Järvenpää SK, et al",
        2006,
        "Effects of a workplace physical exercise intervention on the intensity of low back "
        "symptoms in office workers: A cluster randomized controlled cross-over design",
        "J Back Musculoskelet Rehabil 2006;19(1):13-24",
    ),
    "smeets2006": Reference(
        64,
        "Smeets RJ, Vlaeyen JW, Hidding A, et al",
        2006,
        "Active rehabilitation for chronic low back pain: cognitive-behavioral, physical, or "
        "both? First direct post-treatment results from a randomized controlled trial "
        "[ISRCTN22714229]",
        "BMC Musculoskelet Disord 2006;7:5",
    ),
    "sorensen2010": Reference(
        58,
        "Sorensen PH, Bendix T, Manniche C, et al",
        2010,
        "An educational approach based on a non-injury model compared with individual "
        "symptom-based physical training in chronic LBP. A pragmatic, randomised trial with a "
        "one-year follow-up",
        "BMC Musculoskelet Disord 2010;11(1):212",
    ),
    "staal2004": Reference(
        59,
        "Staal JB, Hlobil H, Twisk JWR, et al",
        2004,
        "Graded Activity for Low Back Pain in Occupational Health Care: A Randomized, "
        "Controlled Trial",
        "Ann Intern Med 2004;140(2):77-84+124",
    ),
    "unsgaardtondel2010": Reference(
        60,
        "Unsgaard-Tøndel M, Fladmark AM, Salvesen Ø, et al",
        2010,
        "Motor Control Exercises, Sling Exercises, and General Exercises for Patients With "
        "Chronic Low Back Pain: A Randomized Controlled Trial With 1-Year Follow-up",
        "Phys Ther 2010;90(10):1426-40",
    ),
    "wajswelner2012": Reference(
        61,
        "Wajswelner H, Metcalf B, Bennell K",
        2012,
        "Clinical Pilates versus General Exercise for Chronic Low Back Pain: Randomized Trial",
        "Med Sci Sports Exerc 2012;44(7):1197-205",
    ),
}
"""Folder → publication."""
