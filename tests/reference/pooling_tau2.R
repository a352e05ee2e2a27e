# Reference values for intervals of tau^2, the standard error of tau^2, the estimator GENQ, and Henmi and Copas' interval.
# Needs CompQuadForm. Data come from pooling_grid.json and pooling_models.json:  Rscript pooling_tau2.R > pooling_tau2.json
# metafor searches the limits of generalised Q with uniroot's default tolerance (1e-4), and integrates for hc with integrate's
# (1e-4); both are run with tight ones here, and metafor's own answers are stored beside ("default").
suppressMessages({library(metafor); library(jsonlite); library(CompQuadForm)})
grid <- fromJSON("pooling_grid.json")$data; models <- fromJSON("pooling_models.json")$designs
pools <- c("bcg_rr", "bcg_rd", "collins1985b", "yusuf1985", "li2007", "hine1989", "nielweise2007", "lee2004", "linde2005", "graves2010", "laopaiboon2015",
           "damico2009", "normand1999", "gibson2002", "dagostino1998", "curtis1998", "raudenbush1985", "hackshaw1998", "bangertdrowns2004", "kalaian1996")
data <- c(lapply(grid[pools], function(d) list(yi = d$yi, vi = d$vi, X = NULL)), lapply(models, function(d) list(yi = d$yi, vi = d$vi, X = as.matrix(d$X))))
two <- list(two_trials = list(yi = c(-0.4, 0.3), vi = c(0.02, 0.05), X = NULL)); data <- c(data, two)
number <- function(x) { x <- as.numeric(x); x[!is.finite(x)] <- NA; x }
within <- function(f, ...) { environment(f) <- list2env(list(...), parent = asNamespace("metafor")); f }
top <- function(d) list(tau2.max = 1e4 * (max(d$vi) + diff(range(d$yi))^2))
fit <- function(d, method, ...) { for (t in c(1e-13, 1e-10, 1e-8, 1e-6)) { con <- c(list(threshold = t, maxiter = 1e4, tol = 1e-14), top(d))
  r <- tryCatch(if (is.null(d$X)) rma(d$yi, d$vi, method = method, control = con, ...) else rma(d$yi, d$vi, mods = d$X, method = method, control = con, ...), error = function(e) NULL)
  if (!is.null(r)) return(r) } }
tightly <- within(metafor:::confint.rma.uni, uniroot = function(...) stats::uniroot(..., tol = 1e-15))
generalised <- list(); likelihood <- list(); errors <- list(); hc_cases <- list(); forms <- list()
for (name in names(data)) {
  d <- data[[name]]; k <- length(d$yi)
  weights <- list(`inverse-variance` = 1 / d$vi, `inverse-se` = 1 / sqrt(d$vi), equal = rep(1, k), given = 1 / (d$vi + mean(d$vi)))
  for (w in names(weights)) { f <- fit(d, "GENQ", weights = weights[[w]])  # rma gives the effects these weights too; we never do
    g <- fit(d, "REML", tau2 = f$tau2); m <- fit(d, "GENQM", weights = weights[[w]])
    generalised[[length(generalised) + 1]] <- list(data = name, weights = w, given = if (w == "given") weights[[w]] else NULL, tau2 = f$tau2, tau2_se = f$se.tau2, beta = number(g$b), se = number(g$se),
      median = m$tau2, median_se = m$se.tau2, i2 = f$I2, r2 = number(f$R2), ci = number(tightly(f, control = top(d))$random[1, 2:3]), default = number(confint(f, control = top(d))$random[1, 2:3])) }
  for (method in c("REML", "ML")) { f <- fit(d, method); con <- c(list(tol = 1e-15), top(d))
    likelihood[[length(likelihood) + 1]] <- list(data = name, method = method, tau2 = f$tau2, profile = number(confint(f, type = "PL", control = con)$random[1, 2:3]),
      plain = number(confint(f, type = "Wald")$random[1, 2:3]), wald = if (f$tau2 > 0) number(confint(f, type = "Wald.log")$random[1, 2:3]) else c(NA, NA)) }
  for (method in c("REML", "DL", "PM", "ML", "EB", "SJ", "HS", "HE", "HSk", "PMM")) { f <- fit(d, method); errors[[length(errors) + 1]] <- list(data = name, method = method, tau2 = f$tau2, tau2_se = f$se.tau2) }
  if (is.null(d$X)) { f <- fit(d, "DL"); own <- hc(f)
    tight <- within(metafor:::hc.rma.uni, integrate = function(...) stats::integrate(..., rel.tol = 1e-11, subdivisions = 2000L))
    for (level in c(95, 80)) { f$level <- 1 - level / 100; r <- tight(f, control = list(tol = 1e-14))
      hc_cases[[length(hc_cases) + 1]] <- list(data = name, level = level / 100, estimate = number(r$beta), se = r$se, tau2 = r$tau2, ci = number(c(r$ci.lb, r$ci.ub)), default = if (level == 95) number(c(own$ci.lb, own$ci.ub)) else NULL) } }
}
for (coefficients in list(1, c(2, 1), c(3, 2, 1), c(5, 1, 0.1), rep(c(4, 2, 1), 5), seq(0.1, 3, length.out = 40), c(1, 1e-2, 1e-3)))
  for (at in c(0.05, 0.3, 1, 1.7, 4)) { q <- at * sum(coefficients)
    forms[[length(forms) + 1]] <- list(coefficients = I(coefficients), q = q, above = farebrother(q, coefficients, maxit = 1e6, eps = 1e-13)$Qq) }
version <- function(p) as.character(packageVersion(p))
cat(toJSON(list(versions = list(R = R.version.string, metafor = version("metafor"), CompQuadForm = version("CompQuadForm")), data = lapply(data, function(d) c(list(yi = d$yi, vi = d$vi), if (is.null(d$X)) NULL else list(X = d$X))),
  generalised = generalised, likelihood = likelihood, errors = errors, henmi_copas = hc_cases, forms = forms), auto_unbox = TRUE, digits = I(13), na = "null", null = "null"))
