"""The publications of the 19 trials, as `trial.yml` cites them."""

CITATIONS: dict[str, dict[str, str | int]] = {
    "witt2006": {
        "authors": "Witt CM, Jena S, Selim D, et al",
        "year": 2006,
        "title": "Pragmatic randomized trial evaluating the clinical and economic effectiveness of "
        "acupuncture for chronic low back pain",
        "journal": "Am J Epidemiol 2006;164:487-96",
    },
    "ukbeam2004": {
        "authors": "UK BEAM Trial Team",
        "year": 2004,
        "title": "United Kingdom back pain exercise and manipulation (UK BEAM) randomised trial: "
        "effectiveness of physical treatments for back pain in primary care",
        "journal": "BMJ 2004;329:1377",
    },
    "haake2007": {
        "authors": "Haake M, Müller HH, Schade-Brittinger C, et al",
        "year": 2007,
        "title": "German acupuncture trials (GERAC) for chronic low back pain: randomized, "
        "multicenter, blinded, parallel-group trial with 3 groups",
        "journal": "Arch Intern Med 2007;167:1892-8",
    },
    "lamb2010": {
        "authors": "Lamb SE, Hansen Z, Lall R, et al",
        "year": 2010,
        "title": "Group cognitive behavioural treatment for low-back pain in primary care: a "
        "randomised controlled trial and cost-effectiveness analysis",
        "journal": "Lancet 2010;375:916-23",
    },
    "hay2005": {
        "authors": "Hay EM, Mullis R, Lewis M, et al",
        "year": 2005,
        "title": "Comparison of physical treatments versus a brief pain-management programme for "
        "back pain in primary care: a randomised clinical trial in physiotherapy practice",
        "journal": "Lancet 2005;365:2024-30",
    },
    "brinkhaus2006": {
        "authors": "Brinkhaus B, Witt CM, Jena S, et al",
        "year": 2006,
        "title": "Acupuncture in patients with chronic low back pain: a randomized controlled "
        "trial",
        "journal": "Arch Intern Med 2006;166:450-7",
    },
    "dufour2010": {
        "authors": "Dufour N, Thamsborg G, Oefeldt A, et al",
        "year": 2010,
        "title": "Treatment of chronic low back pain: a randomized, clinical trial comparing "
        "group-based multidisciplinary biopsychosocial rehabilitation and intensive individual "
        "therapist-assisted back muscle strengthening exercises",
        "journal": "Spine 2010;35:469-76",
    },
    "pengel2007": {
        "authors": "Pengel LH, Refshauge KM, Maher CG, et al",
        "year": 2007,
        "title": "Physiotherapist-directed exercise, advice, or both for subacute low back pain: a "
        "randomized trial",
        "journal": "Ann Intern Med 2007;146:787-96",
    },
    "thomas2006": {
        "authors": "Thomas KJ, MacPherson H, Thorpe L, et al",
        "year": 2006,
        "title": "Randomised controlled trial of a short course of traditional acupuncture "
        "compared with usual care for persistent non-specific low back pain",
        "journal": "BMJ 2006;333:623",
    },
    "hancock2007": {
        "authors": "Hancock MJ, Maher CG, Latimer J, et al",
        "year": 2007,
        "title": "Assessment of diclofenac or spinal manipulative therapy, or both, in addition to "
        "recommended first-line treatment for acute low back pain: a randomised controlled trial",
        "journal": "Lancet 2007;370:1638-43",
    },
    "vonkorff2005": {
        "authors": "Von Korff M, Balderson BH, Saunders K, et al",
        "year": 2005,
        "title": "A trial of an activating intervention for chronic back pain in primary care and "
        "physical therapy settings",
        "journal": "Pain 2005;113:323-30",
    },
    "carr2005": {
        "authors": "Carr JL, Klaber Moffett JA, Howarth E, et al",
        "year": 2005,
        "title": "A randomized trial comparing a group exercise programme for back pain patients "
        "with individual physiotherapy in a severely deprived area",
        "journal": "Disabil Rehabil 2005;27:929-37",
    },
    "moore2000": {
        "authors": "Moore JE, Von Korff M, Cherkin D, et al",
        "year": 2000,
        "title": "A randomized trial of a cognitive-behavioral program for enhancing back pain "
        "self care in a primary care setting",
        "journal": "Pain 2000;88:145-53",
    },
    "smeets2006": {
        "authors": "Smeets RJ, Vlaeyen JW, Hidding A, et al",
        "year": 2006,
        "title": "Active rehabilitation for chronic low back pain: cognitive-behavioral, physical, "
        "or both? First direct post-treatment results from a randomized controlled trial",
        "journal": "BMC Musculoskelet Disord 2006;7:5",
    },
    "cecchi2010": {
        "authors": "Cecchi F, Molino-Lova R, Chiti M, et al",
        "year": 2010,
        "title": "Spinal manipulation compared with back school and with individually delivered "
        "physiotherapy for the treatment of chronic low back pain: a randomized trial with "
        "one-year follow-up",
        "journal": "Clin Rehabil 2010;24:26-36",
    },
    "moffett1999": {
        "authors": "Klaber Moffett J, Torgerson D, Bell-Syer S, et al",
        "year": 1999,
        "title": "Randomised controlled trial of exercise for low back pain: clinical outcomes, "
        "costs, and preferences",
        "journal": "BMJ 1999;319:279-83",
    },
    "macedo2012": {
        "authors": "Macedo LG, Latimer J, Maher CG, et al",
        "year": 2012,
        "title": "Effect of motor control exercises versus graded activity in patients with "
        "chronic nonspecific low back pain: a randomized controlled trial",
        "journal": "Phys Ther 2012;92:363-77",
    },
    "carlsson2001": {
        "authors": "Carlsson CP, Sjölund BH",
        "year": 2001,
        "title": "Acupuncture for chronic low back pain: a randomized placebo-controlled study "
        "with long-term follow-up",
        "journal": "Clin J Pain 2001;17:296-305",
    },
    "kennedy2008": {
        "authors": "Kennedy S, Baxter GD, Kerr DP, et al",
        "year": 2008,
        "title": "Acupuncture for acute non-specific low back pain: a pilot randomised "
        "non-penetrating sham controlled trial",
        "journal": "Complement Ther Med 2008;16:139-46",
    },
}
