"""The models as fitted, in mathematics and as the calls that were made."""

from textwrap import fill

from analysis.protocol import Model, Protocol

INDENT = " " * 4
BLOCK = "$$\n{}\n$$"


def equations(protocol: Protocol) -> str:
    """Write the overall and the interaction model of this protocol in mathematics.

    Returns
    -------
    str
        Markdown with displayed equations, which follow the protocol's choice of intercepts,
        covariance and residual variance.
    """
    model = protocol.model
    own = model.intercepts == "fixed"
    start = r"\beta_{0j}" if own else r"(\beta_0 + u_{0j})"
    effect = r"(\beta_1 + u_{1j})\, t_{ij}"
    overall = rf"\mu_{{ij}} = {start} + {effect} + (\beta_2 + u_{{2j}})\, b_{{ij}}"
    interaction = (
        rf"\begin{{aligned}} \mu_{{ij}} = {{}} & {start} + {effect} "
        r"+ \textstyle\sum_c (\gamma_c + v_{cj})\, z_{cij} \\"
        r" & {} + (\beta_3 + u_{3j})\, x_{ij} + \beta_4\, t_{ij}\, x_{ij} \end{aligned}"
    )
    first = "free, one for each trial" if own else "random like the other effects"
    blocks = [
        (
            f"For participant *i* of trial *j*, with $t_{{ij}}$ for {protocol.treatment} (`treat`) "
            "and $b_{ij}$ for the baseline score centred at its trial mean (`baseline_c`; only "
            "where an outcome has one), the overall model is"
        ),
        BLOCK.format(overall),
        (
            "and that of a modifier $x_{ij}$, centred at its trial mean, with further covariates "
            "$z_{cij}$ (the baseline score; in adjusted models also those adjusted for), centred "
            "likewise, is"
        ),
        BLOCK.format(interaction),
        "with one $x$ and one $\\beta_4$ for each level but the reference where a modifier has "
        f"several. Intercepts are {first}; random effects are {_distribution(protocol)}, "
        "and a covariate that varies in fewer than three trials has a common slope instead. "
        + _outcomes(protocol),
    ]
    return "\n\n".join(blocks)


def calls(protocol: Protocol) -> str:
    """Show the call that fitted each kind of outcome: Markdown, one block of code."""
    kinds = dict.fromkeys(plan.kind for plan in protocol.outcomes.values())
    lines = [call(protocol.model, binary=kind == "binary") for kind in kinds]
    return "\n".join(["```python", *lines, "```"])


def call(model: Model, *, binary: bool) -> str:
    """Write the call as `analysis.models.one_stage.OneStage` makes it.

    `formula`, `data` and `random` differ from model to model.
    """
    name = "fit_logistic_mixed" if binary else "fit_linear_mixed"
    options = ["covariance", "intercepts", *([] if binary else ["residual", "inference"])]
    words = [f'{each}="{getattr(model, each)}"' for each in options]
    given = ", ".join(["formula, data, groups, random", *words, f"level={model.level:g}"])
    return f"{name}(\n{fill(given, 76, initial_indent=INDENT, subsequent_indent=INDENT)}\n)"


def _distribution(protocol: Protocol) -> str:
    if protocol.model.covariance == "unstructured":
        return "normal with any covariance, $N(0, D)$"
    return r"independent and normal, each with a variance of its own, $u_{kj} \sim N(0, \tau_k^2)$"


def _outcomes(protocol: Protocol) -> str:
    """Say how the mean becomes each kind of outcome, and what is maximised."""
    spread = r"\sigma_j^2" if protocol.model.residual == "by_group" else r"\sigma^2"
    said = {
        "continuous": "A continuous outcome is $y_{ij} = \\mu_{ij} + \\varepsilon_{ij}$ with "
        f"$\\varepsilon_{{ij}} \\sim N(0, {spread})$, fitted by restricted maximum likelihood.",
        "binary": r"A binary outcome has $\operatorname{logit} P(y_{ij} = 1) = \mu_{ij}$, fitted "
        "by maximum likelihood with Laplace's approximation.",
    }
    kinds = dict.fromkeys(plan.kind for plan in protocol.outcomes.values())
    return " ".join(said[kind] for kind in kinds)
