"""Law et al. 2016, BMC Med Res Methodol 16:87 (random inconsistency), as worked by metafor.

Printed values have four decimals (those of the random effects eight, the prediction limits of all
rows three or four). Profile limits are printed to four.
"""

from math import exp

import numpy as np
import pytest

from analysis.pooling import network_variance_intervals, pool_network

PRINTED = 1e-4
EIGHT = 1e-5  # metafor's predictions stop with its optimiser
# trial, effect, comparator, treatment (printed "ref" and "trt"); sampling variances
FIRST = """
1 -0.16561092 C D 0.0294183340466069
2 -0.13597406 C D 0.147112449467866
3 -0.08012604 C E 0.0780588660166125
4 -0.14746890 C F 0.140361934247383
5 0.09316853 E F 0.0479709251030665
6 -0.15859403 E F 0.0506583523716436
7 -0.22314355 E F 0.235695187165775
8 -0.06744128 F G 2.04499494438827
9 -0.11888254 C H 0.17968120987923
10 -0.06899287 C H 0.735714285714286
11 0.26917860 B C 0.184889643463497
12 -0.33160986 A B 0.0294022652280727
13 -0.26236426 A B 0.232478632478632
14 -0.39319502 F G 0.857874134296899
15 -0.11557703 A B 0.0219285638496459
16 0.00000000 E F 0.168131868131868
17 -0.40987456 A E 0.0826973577700322
"""
SECOND = """
1 -3.61988658 A B 0.9672619
2 0.00000000 B C 0.4
3 0.19342045 B C 0.24987648
4 2.79320801 B C 0.61904762
5 0.24512246 B C 0.27958937
6 0.03748309 B C 0.23845689
7 0.86020127 B D 0.04321419
8 0.14310084 B D 0.47692308
9 0.07598591 C D 0.18416468
10 -0.99039870 C D 0.61978022
11 -1.74085310 A B 0.12650164
11 0.34830670 A D 0.1583906
12 0.40546510 B C 0.389881
12 1.91692260 B D 0.5151261
13 -0.32850410 B C 0.4361111
13 1.07329450 B D 0.5380342
"""
SHARED = {(10, 11): 0.07397504, (12, 13): 0.2857143, (14, 15): 0.2111111}


def _network(text, shared):
    trial, y, comparator, treatment, v = zip(
        *(line.split() for line in text.strip().splitlines()), strict=True
    )
    S = np.diag(np.array(v, dtype=float))
    for (i, j), value in shared.items():
        S[i, j] = S[j, i] = value
    return np.array(y, dtype=float), S, trial, treatment, comparator


@pytest.mark.parametrize("inconsistency", ["none", "random"])
def test_example_1(inconsistency):
    data = _network(FIRST, {})
    fit = pool_network(*data, inconsistency=inconsistency)
    assert fit.converged
    assert (fit.tau2, fit.omega2) == pytest.approx((0, 0), abs=PRINTED)
    assert fit.estimate.tolist() == pytest.approx(
        [-0.2243, -0.1667, -0.3274, -0.3152, -0.3520, -0.6489, -0.2758], abs=PRINTED
    )
    found = network_variance_intervals(*data, inconsistency=inconsistency)
    assert found.tau2 == pytest.approx((0.0000, 0.0708), abs=PRINTED)
    if inconsistency == "random":
        assert found.omega2 == pytest.approx((0.0000, 0.6153), abs=PRINTED)
        contrast = fit.contrast("B", "A")
        assert [exp(contrast.estimate), exp(contrast.ci_low), exp(contrast.ci_high)] == (
            pytest.approx([0.7991, 0.6477, 0.9859], abs=PRINTED)
        )
        assert (exp(contrast.pi_low), exp(contrast.pi_high)) == pytest.approx(
            (0.6477, 0.9859), abs=PRINTED
        )


def test_example_2_consistency():
    data = _network(SECOND, SHARED)
    fit = pool_network(*data, inconsistency="none")
    assert fit.tau2 == pytest.approx(0.5482, abs=PRINTED)
    assert fit.estimate.tolist() == pytest.approx([-1.8847, -1.3366, -0.7402], abs=PRINTED)
    found = network_variance_intervals(*data, inconsistency="none")
    assert found.tau2 == pytest.approx((0.0788, 2.0156), abs=PRINTED)


def test_example_2_inconsistency():
    data = _network(SECOND, SHARED)
    fit = pool_network(*data)
    assert fit.converged
    assert (fit.tau2, fit.omega2) == pytest.approx((0.1036, 0.5391), abs=PRINTED)
    assert fit.estimate.tolist() == pytest.approx([-1.9735, -1.3957, -0.6572], abs=PRINTED)
    found = network_variance_intervals(*data)
    assert found.tau2 == pytest.approx((0.0000, 1.6661), abs=PRINTED)
    assert found.omega2 == pytest.approx((0.0000, 3.9602), abs=PRINTED)
    contrast = fit.contrast("B", "A")
    printed = [exp(x) for x in (contrast.estimate, contrast.ci_low, contrast.ci_high)]
    assert printed == pytest.approx([0.1390, 0.0369, 0.5230], abs=PRINTED)
    assert (exp(contrast.pi_low), exp(contrast.pi_high)) == pytest.approx(
        (0.0178, 1.0856), abs=PRINTED
    )


def test_example_2_prediction_limits_of_all_rows():
    data = _network(SECOND, SHARED)
    fit = pool_network(*data)
    lower = [fit.contrast(a, b).pi_low for a, b in zip(data[3], data[4], strict=True)]
    bc, bd, cd = -1.2853, -0.4911, -1.1370
    printed = [-4.029, *[bc] * 5, bd, bd, cd, cd, -4.029, -2.7699, bc, bd, bc, bd]
    assert lower == pytest.approx(printed, abs=PRINTED)


def test_example_2_random_effects():
    fit = pool_network(*_network(SECOND, SHARED))
    trials = [
        (-0.10597655, 0.31440795),
        (-0.09440298, 0.29262165),
        (-0.07779308, 0.28283046),
        (0.3347431, 0.30063561),
        (-0.05778032, 0.28520752),
        (-0.12762821, 0.28184516),
        (0.02644374, 0.28589877),
        (-0.12131344, 0.29733608),
        (0.01314657, 0.29721077),
        (-0.14752923, 0.30375728),
        (0.02919657, 0.3128377),
        (0.12976825, 0.31456144),
        (0.02697319, 0.3010675),
        (0.08415593, 0.30435923),
        (-0.10064816, 0.30178776),
        (-0.06422411, 0.3045846),
    ]
    found = fit.trial_effects[["effect", "se"]].to_numpy()
    np.testing.assert_allclose(found, trials, rtol=0, atol=EIGHT)
    designs = {  # in metafor's order: of designs, then of contrasts
        ("A, B", "B"): (-0.55126986, 0.64017885),
        ("A, B, D", "B"): (0.15187503, 0.61901365),
        ("A, B, D", "D"): (0.67502976, 0.64221591),
        ("B, C", "C"): (-0.11892109, 0.51773958),
        ("B, C, D", "C"): (-0.38324316, 0.54266969),
        ("B, C, D", "D"): (0.10368152, 0.53007858),
        ("B, D", "D"): (-0.49349415, 0.48613683),
        ("C, D", "D"): (-0.69903298, 0.54031058),
    }
    table = fit.design_effects.set_index(["design", "treatment"])[["effect", "se"]]
    assert len(table) == len(designs)
    found = table.loc[list(designs)].to_numpy()
    np.testing.assert_allclose(found, list(designs.values()), rtol=0, atol=EIGHT)
