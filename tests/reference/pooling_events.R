# Reference values for meta-analysis of event counts (rma.glmm).  Rscript pooling_events.R > pooling_events.json   (about 15 minutes)
# Where rma.glmm calls glmer, glmer's own deviance of the same formula is climbed on from where rma.glmm stops, by Newton's method with
# numDeriv, with 7 nodes (metafor's default) and 25 (glmer's most); 1 for UM.RS with random effects, where glmer has no other. Stored:
# the optimum with the error from the inverse of the whole Hessian, rma.glmm's answer, and how far below the optimum that is (below).
# The conditional exact model of odds ratios is rma.glmm's own likelihood, with integrate and nlminb set tight.
suppressMessages({library(metafor); library(metadat); library(lme4); library(numDeriv); library(jsonlite)})
two <- function(a, n1, c, n2) { ok <- !is.na(a + n1 + c + n2); lapply(list(a = a[ok], n1 = n1[ok], c = c[ok], n2 = n2[ok]), as.numeric) }
one <- function(x, n) { ok <- !is.na(x + n); lapply(list(x = x[ok], n = n[ok]), as.numeric) }
odds <- list(nielweise2007 = with(dat.nielweise2007, two(ai, n1i, ci, n2i)), collins1985a = with(dat.collins1985a, two(b.xci, nci, b.xti, nti)),
  bcg = with(dat.bcg, two(tpos, tpos + tneg, cpos, cpos + cneg)), hahn2001 = with(dat.hahn2001, two(ai, n1i, ci, n2i)), hine1989 = with(dat.hine1989, two(ai, n1i, ci, n2i)),
  graves2010 = with(dat.graves2010, two(ai, n1i, ci, n2i)), laopaiboon2015 = with(dat.laopaiboon2015, two(ai, n1i, ci, n2i)), lee2004 = with(dat.lee2004, two(ai, n1i, ci, n2i)),
  dong2013 = local({ d <- merge(subset(dat.dong2013, treatment == "TIO-SMI"), subset(dat.dong2013, treatment == "Placebo"), by = "id"); with(d, two(death.x, randomized.x, death.y, randomized.y)) }))
rates <- list(nielweise2008 = with(dat.nielweise2008, two(x1i, t1i / 1000, x2i, t2i / 1000)), hart1999 = with(dat.hart1999, two(x1i, t1i / 100, x2i, t2i / 100)),
  hahn2001_as_rates = odds$hahn2001, lee2004_as_rates = odds$lee2004)
props <- list(nielweise2007_1 = with(dat.nielweise2007, one(ai, n1i)), nielweise2007_2 = with(dat.nielweise2007, one(ci, n2i)), debruin2009 = with(dat.debruin2009, one(xi, ni)),
  pritz1997 = with(dat.pritz1997, one(xi, ni)), hannum2020 = with(dat.hannum2020, one(xi, ni)), hine1989_2 = with(dat.hine1989, one(ci, n2i)))
alone <- list(nielweise2008_1 = with(dat.nielweise2008, one(x1i, t1i / 1000)), nielweise2008_2 = with(dat.nielweise2008, one(x2i, t2i / 1000)), hart1999_1 = with(dat.hart1999, one(x1i, t1i / 100)),
  hart1999_2 = with(dat.hart1999, one(x2i, t2i / 100)), lee2004_as_rates_1 = with(dat.lee2004, one(ai, n1i)))
# the tightest tolerance of the inner iterations at which glmer succeeds is taken
glmerc <- list(optimizer = "bobyqa", optCtrl = list(maxfun = 1e6, rhoend = 1e-9), tolPwrss = 1e-13)
con <- list(glmerCtrl = glmerc, glmCtrl = list(epsilon = 1e-14, maxit = 200), dnchgcalc = "dnoncenhypergeom", intCtrl = list(lower = -12, upper = 12, rel.tol = 1e-11, subdivisions = 1000L), hessianCtrl = list(r = 6))
# the tightest tolerance at which nlminb calls itself converged; the saturated model, where zero cells make effects infinite, often needs a looser
# one; with Poisson counts and random intercepts rma.glmm cannot fit it at all, and is told to skip it
call_metafor <- function(measure, d, model, method, nodes, shipped = FALSE) { answer <- NULL; exact <- measure == "OR" && model == "CM.EL"
  base <- list(measure = measure, method = method, nAGQ = nodes, retfit = TRUE)
  args <- switch(measure, OR = list(ai = d$a, n1i = d$n1, ci = d$c, n2i = d$n2, model = model), IRR = list(x1i = d$a, t1i = d$n1, x2i = d$c, t2i = d$n2, model = model),
    PLO = list(xi = d$x, ni = d$n), IRLN = list(xi = d$x, ti = d$n))
  if (shipped) return(suppressWarnings(suppressMessages(do.call(rma.glmm, c(args, base, list(skiphet = measure == "IRR" && model == "UM.RS"))))))
  for (tight in if (exact) c(1e-11, 1e-9, 1e-7) else 1e-10) { control <- c(con, list(optCtrl = list(rel.tol = tight, eval.max = 2000, iter.max = 500)))
    r <- tryCatch(suppressWarnings(suppressMessages(do.call(rma.glmm, c(args, base, list(control = control))))), error = function(e) conditionMessage(e))
    if (is.character(r)) next
    if (is.null(answer)) answer <- r
    if (method == "ML" || !is.na(r$QE.LRT)) { for (q in c("QE.LRT", "QEp.LRT", "QE.Wld", "QEp.Wld")) answer[[q]] <- r[[q]]; return(answer) } }
  if (is.null(answer) && model == "UM.RS") return(suppressWarnings(suppressMessages(do.call(rma.glmm, c(args, base, list(control = con, skiphet = TRUE))))))
  if (is.null(answer)) stop(r)
  answer }
# glmer's deviance of the same formula, as a function of (theta, beta), and the frame of its common-effect model
deviance_of <- function(measure, d, model, method, nodes) { K <- do.call(glmerControl, glmerc); z <- environment()
  if (measure %in% c("OR", "IRR")) { keep <- d$a + d$c > 0 & (measure != "OR" | d$n1 - d$a + d$n2 - d$c > 0); d <- lapply(d, function(v) v[keep]); k <- length(d$a) }
  if (measure == "PLO") { f <- data.frame(x = d$x, m = d$n - d$x, s = factor(seq_along(d$x)), off = 0); form <- cbind(x, m) ~ 1 + (1 | s); fam <- binomial }
  else if (measure == "IRLN") { f <- data.frame(x = d$x, s = factor(seq_along(d$x)), off = log(d$n)); form <- x ~ 1 + (1 | s); fam <- poisson }
  else if (startsWith(model, "CM")) { f <- data.frame(x = d$a, m = d$c, s = factor(1:k), off = log(d$n1 / d$n2)); form <- cbind(x, m) ~ 1 + (1 | s); fam <- binomial }
  else { f <- data.frame(x = c(rbind(d$a, d$c)), n = c(rbind(d$n1, d$n2)), g1 = rep(1:0, k), g = rep(c(.5, -.5), k), s = factor(rep(1:k, each = 2)))
    f$off <- if (measure == "IRR") log(f$n) else 0; f$m <- f$n - f$x; fam <- if (measure == "OR") binomial else poisson
    right <- if (model == "UM.FS") ~ 0 + g1 + s + (0 + g | s) else if (method == "ML") ~ g1 + (1 | s) + (0 + g | s) else ~ g1 + (1 | s)
    form <- as.formula(paste(if (measure == "OR") "cbind(x, m)" else "x", paste(deparse(right), collapse = ""))) }
  environment(form) <- z; list(dev = suppressMessages(glmer(form, data = f, family = fam, offset = off, nAGQ = nodes, control = K, devFunOnly = TRUE)), frame = f) }
# glmer's deviance with one node as a function of (sigma, tau, intercept, effect), its modes found to rounding. glmer's own are found to tolPwrss only:
# tight, they fail or jump; loose, they stay where they were while the parameters move, and bend the curvature
laplace <- function(measure, d) { keep <- d$a + d$c > 0 & (measure != "OR" | d$n1 - d$a + d$n2 - d$c > 0); y <- cbind(d$a, d$c)[keep, ]; n <- cbind(d$n1, d$n2)[keep, ]; function(x) { s <- x[1]; t <- x[2] / 2; u <- 0 * y
  for (i in 1:200) { eta <- x[3] + cbind(x[4] + t * u[, 1], -t * u[, 1]) + s * u[, 2]; mu <- n * (if (measure == "OR") plogis(eta) else exp(eta)); w <- if (measure == "OR") mu * (1 - mu / n) else mu; r <- y - mu
    g1 <- t * (r[, 1] - r[, 2]) - u[, 1]; g2 <- s * rowSums(r) - u[, 2]; h11 <- 1 + t^2 * rowSums(w); h22 <- 1 + s^2 * rowSums(w); h12 <- s * t * (w[, 1] - w[, 2]); det <- h11 * h22 - h12^2
    step <- cbind(h22 * g1 - h12 * g2, h11 * g2 - h12 * g1) / det; if (max(abs(step)) < 1e-13) break; u <- u + step * min(1, 1 / max(abs(step))) }
  f <- if (measure == "OR") dbinom(y, n, plogis(eta), log = TRUE) else dpois(y, mu, log = TRUE); -2 * sum(rowSums(f) - rowSums(u^2) / 2 - log(det) / 2) } }
# Newton's method in units of the parameters' own errors: numDeriv's steps are relative, so that the point is moved to 1
climb <- function(dev, x, lower, search = TRUE) { fn <- function(x) { x[lower] <- abs(x[lower]); dev(x) }
  if (search) x <- optim(x, fn, method = "BFGS", control = list(reltol = 1e-15, maxit = 1000))$par; unit <- 1 / sqrt(diag(hessian(fn, x, method.args = list(eps = 1e-3, d = 1e-2, r = 4))) / 2)
  fine <- list(d = .2, r = 6)
  at <- function(z) fn(x + unit * (z - 1)); one <- rep(1, length(x))
  for (i in 1:8) { s <- -solve(hessian(at, one, method.args = fine), grad(at, one, method.args = fine)); if (max(abs(s)) > 3) break
    x <- x + unit * s; if (max(abs(s)) < 1e-8) break }
  list(x = x, value = fn(x), H = hessian(at, one, method.args = fine) / outer(unit, unit), gradient = max(abs(grad(at, one, method.args = fine)))) }
plain <- function(r) list(estimate = as.numeric(r$b), se = r$se, tau2 = r$tau2, sigma2 = r$sigma2, loglik = as.numeric(logLik(r)), q_lrt = r$QE.LRT, q_lrt_p = r$QEp.LRT, q_wald = r$QE.Wld,
  q_wald_p = r$QEp.Wld, k = r$k, ci = c(r$ci.lb, r$ci.ub), pi = tryCatch({ p <- predict(r); c(p$pi.lb, p$pi.ub) }, error = function(e) NULL))
# the exact conditional likelihood of odds ratios: rma.glmm's own function, climbed on from rma.glmm's default answer, with integrate set tight.
# Where it is highest at tau2 = 0, metafor's search on log tau2 has no end: the optimum is then the common effect
exact <- function(d, method) { keep <- d$a + d$c > 0 & d$n1 - d$a + d$n2 - d$c > 0; e <- lapply(d, function(v) v[keep]); common <- plain(call_metafor("OR", d, "CM.EL", "EE", 7))
  dev <- function(x) 2 * metafor:::.dnchg(if (length(x) == 1) c(x, 0) else c(x[2], log(x[1]^2)), ai = e$a, bi = e$n1 - e$a, ci = e$c, di = e$n2 - e$c, X.fit = cbind(rep(1, length(e$a))), random = length(x) == 2,
    digits = 4, dnchgcalc = "dnoncenhypergeom", dnchgprec = 1e-10, intCtrl = con$intCtrl)
  one <- climb(dev, common$estimate, integer(0), search = FALSE); tests <- common[c("q_lrt", "q_lrt_p", "q_wald", "q_wald_p", "k")]
  found <- c(list(estimate = one$x, se = sqrt(2 / one$H[1, 1]), tau2 = 0, loglik = -one$value / 2), tests, list(polished = TRUE, below = one$value / -2 - common$loglik, metafor = common))
  if (method == "EE") return(found)
  m <- plain(suppressWarnings(rma.glmm(measure = "OR", ai = d$a, n1i = d$n1, ci = d$c, n2i = d$n2, model = "CM.EL", control = list(dnchgcalc = "dnoncenhypergeom"))))
  if (m$tau2 < 1e-3) { found$metafor <- m; found$below <- NULL; return(c(found, list(boundary = TRUE))) }
  at <- c(sqrt(m$tau2), m$estimate); best <- climb(dev, at, 1, search = FALSE)
  c(list(estimate = best$x[2], se = sqrt(2 * solve(best$H)[2, 2]), tau2 = best$x[1]^2, loglik = -best$value / 2, gradient = best$gradient, below = (dev(at) - best$value) / 2, polished = TRUE, metafor = m), tests) }
refine <- function(measure, d, model, method, nodes) { if (measure == "OR" && model == "CM.EL") return(exact(d, method))
  r <- call_metafor(measure, d, model, method, nodes)
  found <- plain(r); out <- c(found, list(polished = FALSE))
  if (method == "EE" && model != "UM.RS") return(out)
  D <- deviance_of(measure, d, model, method, nodes); fit <- if (method == "ML") r$res.ML else r$res.FE; scales <- length(getME(fit, "theta"))
  at <- as.numeric(c(getME(fit, "theta"), fixef(fit))); if (model == "UM.RS") at[scales + 1:2] <- at[scales + 2:1]  # metafor's order: effect, intercept
  start <- at; start[seq_len(scales)] <- pmax(start[seq_len(scales)], .05); dev <- if (nodes == 1) laplace(measure, d) else D$dev; best <- climb(dev, start, seq_len(scales))
  which <- switch(if (model %in% c("UM.FS")) "fs" else if (model == "UM.RS") "rs" else "one", fs = scales + 1, rs = scales + 2, one = scales + 1)
  th <- if (model == "UM.RS") c(2, 1) else 1
  ll0 <- if (nodes == 1) 0 else if (model == "UM.RS") NA else as.numeric(logLik(r$res.FE)) + D$dev(c(0, as.numeric(coef(r$res.FE)))) / 2
  V <- 2 * solve(best$H); tau2 <- if (method == "ML") best$x[th[1]]^2 else 0; sigma2 <- if (model == "UM.RS") best$x[if (method == "ML") th[2] else 1]^2 else NA
  point <- function(r) { fit <- if (method == "ML") r$res.ML else r$res.FE; x <- as.numeric(c(getME(fit, "theta"), fixef(fit))); if (model == "UM.RS") x[scales + 1:2] <- x[scales + 2:1]; x }
  shipped <- tryCatch({ q <- call_metafor(measure, d, model, method, nodes, shipped = TRUE); c(plain(q)[c("estimate", "se", "tau2", "loglik")], list(below = (dev(point(q)) - best$value) / 2)) }, error = function(e) list(said = conditionMessage(e)))
  c(list(estimate = best$x[which], se = sqrt(V[which, which]), tau2 = tau2, sigma2 = sigma2, loglik = ll0 - best$value / 2, gradient = best$gradient, below = (dev(at) - best$value) / 2, glmer_differs = D$dev(best$x) - best$value, polished = TRUE,
    metafor = found, shipped = shipped), found[c("q_lrt", "q_lrt_p", "q_wald", "q_wald_p", "k")]) }
cases <- list(); refused <- list()
add <- function(measure, name, d, model, method, nodes) { at <- proc.time()[3]; r <- "";
  for (tol in if (model == "CM.EL" && measure == "OR") 1e-13 else c(1e-13, 1e-11, 1e-9, 1e-7)) if (is.character(r)) { glmerc$tolPwrss <<- tol; con$glmerCtrl$tolPwrss <<- tol; r <- tryCatch(c(refine(measure, d, model, method, nodes), list(tolPwrss = tol)), error = function(e) conditionMessage(e)) }
  id <- list(measure = measure, data = name, model = model, method = method, nodes = nodes)
  message(paste(unlist(id), collapse = " "), " ", round(proc.time()[3] - at, 1), "s ", if (is.character(r)) r else sprintf("%.7f %.7f %.7f below %s", r$estimate, r$se, r$tau2, format(r$below)))
  if (is.character(r)) refused[[length(refused) + 1]] <<- c(id, list(said = r)) else cases[[length(cases) + 1]] <<- c(id, r) }
only <- commandArgs(TRUE); if (length(only)) odds <- odds[intersect(only, names(odds))]
for (n in names(props)) for (m in c("EE", "ML")) for (q in if (m == "EE") 7 else c(7, 25)) add("PLO", n, props[[n]], "UM.FS", m, q)
for (n in names(alone)) for (m in c("EE", "ML")) for (q in if (m == "EE") 7 else c(7, 25)) add("IRLN", n, alone[[n]], "UM.FS", m, q)
for (set in c("OR", "IRR")) { data <- if (set == "OR") odds else rates
  for (n in names(data)) for (model in c(if (set == "OR") "CM.AL", "CM.EL", "UM.FS", "UM.RS")) for (m in c("EE", "ML"))
    for (q in if (model == "UM.RS" && m == "ML") 1 else if (model == "UM.RS" || m == "ML" && !(set == "OR" && model == "CM.EL")) c(7, 25) else 7) add(set, n, data[[n]], model, m, q) }
grid <- seq(-4, 4, length.out = 9); d <- if (is.null(odds$collins1985a)) odds[[1]] else odds$collins1985a
curves <- sapply(seq_along(d$a), function(i) sapply(grid, function(t) metafor:::.dnoncenhypergeom(x = d$a[i], n1 = d$n1[i], n2 = d$n2[i], m1 = d$a[i] + d$c[i], psi = exp(t))))
cat(toJSON(list(versions = list(R = R.version.string, metafor = as.character(packageVersion("metafor")), metadat = as.character(packageVersion("metadat")), lme4 = as.character(packageVersion("lme4")),
  numDeriv = as.character(packageVersion("numDeriv"))), data = c(odds, rates, props, alone), curves = list(log_odds_ratio = grid, likelihood = curves), cases = cases, refused = refused),
  auto_unbox = TRUE, digits = 13, na = "null", null = "null"), "\n")
