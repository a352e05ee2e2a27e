# Reference values for step-function selection models.  Rscript pooling_selection.R > pooling_selection.json
# selmodel's own log-likelihood (metafor:::.selmodel.ll.stepfun) is climbed on from where selmodel stops, by Newton's steps with
# numDeriv's derivatives, until the gradient is rounding. Stored: the optimum, its errors from numDeriv's Hessian, selmodel's
# default answer, and how far below the optimum that is (below, >= 0).
suppressMessages({library(metafor); library(metadat); library(numDeriv); library(jsonlite)})
number <- function(x) { x <- as.numeric(x); x[!is.finite(x)] <- NA; x }
tables <- function(measure, d) escalc(measure, ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = d, drop00 = TRUE)
sets <- list(
  hackshaw1998 = dat.hackshaw1998, bangertdrowns2004 = dat.bangertdrowns2004, raudenbush1985 = dat.raudenbush1985, begg1989 = dat.begg1989,
  bcg = escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg), baskerville2012 = with(dat.baskerville2012, list(yi = smd, vi = se^2)),
  cohen1981 = escalc("ZCOR", ri = ri, ni = ni, data = dat.cohen1981), hahn2001 = tables("OR", dat.hahn2001), linde2005 = tables("RR", subset(dat.linde2005, !is.na(ai))),
  landenberger2005 = escalc("OR", ai = n.cbt.non, bi = n.cbt.rec, ci = n.ctrl.non, di = n.ctrl.rec, data = dat.landenberger2005),
  konstantopoulos2011 = dat.konstantopoulos2011, molloy2014 = escalc("ZCOR", ri = ri, ni = ni, data = dat.molloy2014), egger2001 = tables("OR", dat.egger2001),
  assink2016 = dat.assink2016, tannersmith2016 = dat.tannersmith2016, lau1992 = tables("OR", dat.lau1992), mcdaniel1994 = escalc("ZCOR", ri = ri, ni = ni, data = dat.mcdaniel1994))
sets <- lapply(sets, function(d) { ok <- is.finite(d$yi) & is.finite(d$vi); list(yi = as.numeric(d$yi)[ok], vi = as.numeric(d$vi)[ok]) })
runs <- list(); add <- function(data, alternative, ..., delta = NULL) for (steps in list(...)) runs[[length(runs) + 1]] <<- list(data = data, alternative = alternative, steps = steps, delta = delta)
add("hackshaw1998", "greater", .025, c(.025, .5), c(.025, .1, .5)); add("hackshaw1998", "two.sided", .05, c(.05, .5))
add("bangertdrowns2004", "greater", .025, c(.025, .5), c(.05, .5)); add("bangertdrowns2004", "two.sided", .05)
add("raudenbush1985", "greater", .5, .05); add("begg1989", "greater", .5, .2); add("bcg", "less", .025, c(.025, .5)); add("bcg", "two.sided", .05)
add("baskerville2012", "greater", .025, c(.025, .5)); add("cohen1981", "greater", .025, .05); add("hahn2001", "less", .5, .1)
add("linde2005", "greater", .025, c(.025, .5)); add("landenberger2005", "greater", .025, c(.05, .5)); add("konstantopoulos2011", "greater", .025, .5, c(.025, .5))
add("konstantopoulos2011", "two.sided", .05, c(.05, .5)); add("molloy2014", "greater", .025, .1); add("egger2001", "less", .025, .5)
add("assink2016", "greater", .025, c(.025, .5)); add("tannersmith2016", "greater", .025, c(.025, .5)); add("lau1992", "less", .025, c(.025, .5)); add("mcdaniel1994", "greater", .025, c(.025, .5))
# Vevea and Woods 2005, Table 1: given weights, moderate and severe, one- and two-tailed (as in the example of metafor's help page)
ends <- c(.005, .01, .05, .10, .25, .35, .50, .65, .75, .90, .95, .99, .995, 1)
weights <- list(moderate_1 = c(1, .99, .95, .80, .75, .65, .60, .55, .50, .50, .50, .50, .50, .50), severe_1 = c(1, .99, .90, .75, .60, .50, .40, .35, .30, .25, .10, .10, .10, .10),
  moderate_2 = c(1, .99, .95, .90, .80, .75, .60, .60, .75, .80, .90, .95, .99, 1), severe_2 = c(1, .99, .90, .75, .60, .50, .25, .25, .50, .60, .75, .90, .99, 1))
for (name in c("cohen1981", "baskerville2012", "bangertdrowns2004")) for (w in names(weights)) add(name, "greater", ends, delta = weights[[w]])
add("raudenbush1985", "greater", c(.05, .5, 1), delta = c(1, .6, .3))
refine <- function(run) {
  d <- sets[[run$data]]; args <- list(rma(d$yi, d$vi, method = "ML"), type = "stepfun", steps = run$steps, alternative = run$alternative)
  if (!is.null(run$delta)) args$delta <- run$delta
  f <- suppressWarnings(do.call(selmodel, args)); steps <- unique(c(run$steps, 1)); n <- length(steps)
  pvals <- if (run$alternative == "less") pnorm(d$yi / sqrt(d$vi)) else if (run$alternative == "greater") pnorm(d$yi / sqrt(d$vi), lower.tail = FALSE) else 2 * pnorm(abs(d$yi / sqrt(d$vi)), lower.tail = FALSE)
  group <- sapply(pvals, function(p) which(p <= steps)[1]); free <- if (is.null(run$delta)) seq_len(n)[-1] else integer(0)
  loglik <- function(x, zero) { tau2 <- if (zero) 0 else x[2]; given <- if (is.null(run$delta)) c(1, tail(x, length(free))) else run$delta
    if (tau2 < 0 || any(given <= 0)) return(-1e10)
    -metafor:::.selmodel.ll.stepfun(c(x[1], tau2, given), yi = d$yi, vi = d$vi, X = matrix(1, length(d$yi)), preci = rep(1, length(d$yi)), k = length(d$yi), pX = 1, pvals = pvals, deltas = n,
      delta.val = rep(NA_real_, n), delta.transf = FALSE, mapfun = rep("exp", n), delta.min = rep(0, n), delta.max = rep(1e3, n), tau2.val = NA_real_, tau2.transf = FALSE, tau2.max = 1e6,
      beta.val = NA_real_, wi.fun = NULL, steps = steps, pgrp = group, alternative = run$alternative, pval.min = 0, intCtrl = list(), verbose = FALSE, digits = 4) }
  climb <- function(zero) { x <- c(as.numeric(f$b), if (!zero) max(f$tau2, 1e-3 * median(d$vi)), if (length(free)) f$delta[free]); fn <- function(x) loglik(x, zero)
    unit <- c(sqrt(median(d$vi)), abs(x[-1])); origin <- x
    at <- function(z) fn(origin + unit * (z - 1)); z <- rep(1, length(x))  # numDeriv's steps are relative: nothing may be near 0
    z <- optim(z, function(z) -at(z), method = "BFGS", control = list(reltol = 1e-15, maxit = 5000))$par
    for (i in 1:30) { g <- grad(at, z, method.args = list(eps = 1e-3, r = 6)); H <- hessian(at, z, method.args = list(d = 1e-2, r = 6)); s <- -solve(H, g); t <- 1
      while (at(z + t * s) < at(z) - 1e-12 && t > 1e-6) t <- t / 2
      z <- z + t * s; if (max(abs(s)) < 1e-11) break }
    x <- origin + unit * (z - 1); list(x = x, ll = fn(x), gradient = max(abs(grad(at, z, method.args = list(eps = 1e-3, r = 6)))), H = hessian(at, z, method.args = list(d = 1e-2, r = 6)) / outer(unit, unit)) }
  inside <- tryCatch(climb(FALSE), error = function(e) list(ll = -Inf)); edge <- tryCatch(climb(TRUE), error = function(e) list(ll = -Inf))
  zero <- !(inside$ll > edge$ll + 1e-9 && inside$x[2] > 1e-8); best <- if (zero) edge else inside
  se <- sqrt(diag(solve(-best$H))); delta <- if (length(free)) best$x[-seq_len(2 - zero)] else run$delta[-1]
  plain <- as.numeric(logLik(rma(d$yi, d$vi, method = "ML", control = list(threshold = 1e-12, maxiter = 1e4))))
  default <- c(as.numeric(f$b), f$tau2, f$delta[-1]); at_default <- loglik(c(f$b, if (f$tau2 >= 0) f$tau2, if (length(free)) f$delta[free]), FALSE)
  c(run, list(estimate = best$x[1], tau2 = if (zero) 0 else best$x[2], weights = I(delta), se = se[1], se_tau2 = if (zero) NA else se[2], se_weights = I(if (length(free)) se[-seq_len(2 - zero)] else numeric(0)),
    loglik = best$ll, gradient = best$gradient, lrt = if (length(free)) 2 * (best$ll - plain) else NA, lrt_p = if (length(free)) pchisq(2 * (best$ll - plain), length(free), lower.tail = FALSE) else NA,
    default = list(estimate = number(f$b), se = number(f$se), tau2 = f$tau2, weights = I(number(f$delta[-1])), loglik = number(logLik(f)), below = best$ll - at_default)))
}
cases <- list(); refused <- list()
for (run in runs) { r <- tryCatch(refine(run), error = function(e) conditionMessage(e))
  if (is.character(r)) refused[[length(refused) + 1]] <- c(run[c("data", "alternative", "steps")], list(said = r)) else cases[[length(cases) + 1]] <- r }
cat(toJSON(list(versions = list(R = R.version.string, metafor = as.character(packageVersion("metafor")), metadat = as.character(packageVersion("metadat")), numDeriv = as.character(packageVersion("numDeriv"))),
  data = sets, cases = cases, refused = refused), auto_unbox = TRUE, digits = I(13), na = "null", null = "null"))
