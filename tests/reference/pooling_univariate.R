# Reference values for analysis.pooling.pool, from metafor:  Rscript pooling_univariate.R > pooling_univariate.json
# Iterative estimators are converged far beyond metafor's default, so that the comparison tests the optimum.
suppressMessages({library(metafor); library(jsonlite)})
esc <- function(e) list(yi = as.numeric(e$yi), vi = as.numeric(e$vi))
data <- list(
  bcg = esc(escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)),
  normand1999 = esc(escalc("MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = dat.normand1999)),
  yusuf1985 = esc(escalc("PETO", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = subset(dat.yusuf1985, table == "6"), drop00 = TRUE)),
  collins1985b = esc(escalc("OR", ai = pre.xti, n1i = pre.nti, ci = pre.xci, n2i = pre.nci, data = subset(dat.collins1985b, !is.na(pre.xti)))),
  raudenbush1985 = list(yi = dat.raudenbush1985$yi, vi = dat.raudenbush1985$vi),
  li2007 = esc(escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.li2007)),
  hine1989 = esc(escalc("RD", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.hine1989)),
  nielweise2007 = esc(escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.nielweise2007)),
  cohen1981 = esc(escalc("ZCOR", ri = ri, ni = ni, data = dat.cohen1981[c(1:4, 6:20), ])),
  two_trials = list(yi = c(-0.4, 0.3), vi = c(0.02, 0.05)),
  homogeneous = list(yi = c(1.01, 1.00, 0.99, 1.02), vi = c(0.04, 0.09, 0.05, 0.2)),
  one_trial = list(yi = 0.7, vi = 0.04))
data <- lapply(data, function(d) { ok <- is.finite(d$yi) & is.finite(d$vi); list(yi = d$yi[ok], vi = d$vi[ok]) })
number <- function(x) if (length(x) == 0 || !is.finite(x)) NA else as.numeric(x)
fit <- function(d, method, test) {
  at <- function(threshold) rma(yi, vi, data = d, method = ifelse(method == "common", "EE", method), test = test,
                                control = list(threshold = threshold, maxiter = 1e4, tol = 1e-14))
  f <- tryCatch(at(1e-13), error = function(e) tryCatch(at(1e-10), error = function(e) at(1e-8)))  # rounding stops the scoring
  heterogeneity <- length(d$yi) > 1
  ci <- if (heterogeneity && method != "common") confint(f, control = list(tol = 1e-13, tau2.max = 1e5))$random["tau^2", 2:3] else c(NA, NA)
  pi <- if (heterogeneity && method != "common") predict(f) else list(pi.lb = NA, pi.ub = NA)
  list(estimate = number(f$b), se = number(f$se), ci_low = number(f$ci.lb), ci_high = number(f$ci.ub), p = number(f$pval),
       tau2 = number(f$tau2), tau2_low = number(ci[1]), tau2_high = number(ci[2]), i2 = number(f$I2), h2 = number(f$H2),
       q = number(f$QE), q_p = number(f$QEp), pi_low = number(pi$pi.lb), pi_high = number(pi$pi.ub),
       weights = as.numeric(weights(f)), loglik = number(logLik(f)))
}
fixed <- function(d, tau2, method) number(logLik(rma(yi, vi, data = d, method = method, tau2 = tau2)))
cases <- list(); objective <- list()
for (name in names(data)) {
  for (method in c("REML", "DL", "PM", "ML", "common")) for (test in if (method == "common") "z" else c("z", "knha", "adhoc"))
    cases[[length(cases) + 1]] <- c(list(data = name, method = method, test = test), fit(data[[name]], method, test))
  if (length(data[[name]]$yi) > 1) for (tau2 in c(0.01, 0.3)) for (method in c("REML", "ML"))
    objective[[length(objective) + 1]] <- list(data = name, method = method, tau2 = tau2, loglik = fixed(data[[name]], tau2, method))
}
cat(toJSON(list(versions = list(R = R.version.string, metafor = as.character(packageVersion("metafor"))),
                data = data, cases = cases, objective = objective), auto_unbox = TRUE, digits = I(17), na = "null", pretty = FALSE))
