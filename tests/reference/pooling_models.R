# Reference values for meta-regression, permutation, subgroups, leave-one-out, influence and small-study effects.
# Rscript pooling_models.R > pooling_models.json
suppressMessages({library(metafor); library(metadat); library(jsonlite)})
tight <- list(threshold = 1e-13, maxiter = 1e4, tol = 1e-14, tau2.max = 1e6)
number <- function(x) { x <- as.numeric(x); x[!is.finite(x)] <- NA; x }
bcg <- escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
normand <- escalc("MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = dat.normand1999)
raud <- dat.raudenbush1985; raud$weeks <- pmin(raud$weeks, 3)
bang <- subset(dat.bangertdrowns2004, !is.na(length) & !is.na(wic) & !is.na(feedback) & !is.na(info) & !is.na(pers) & !is.na(imag) & !is.na(meta))
lande <- escalc("OR", ai = n.cbt.non, bi = n.cbt.rec, ci = n.ctrl.non, di = n.ctrl.rec, data = dat.landenberger2005)
nice <- function(d) list(yi = as.numeric(d$yi), vi = as.numeric(d$vi))
at <- function(f) for (t in c(1e-13, 1e-10, 1e-8, 1e-6)) { r <- tryCatch(f(t), error = function(e) NULL); if (!is.null(r)) return(r) }
fitted_by <- function(d, X, method, test) at(function(t) { con <- tight; con$threshold <- t
  if (is.null(X)) rma(d$yi, d$vi, method = method, test = test, control = con) else rma(d$yi, d$vi, mods = X, method = method, test = test, control = con) })
designs <- list(
  bcg_ablat = list(d = bcg, X = cbind(ablat = bcg$ablat)), bcg_ablat_year = list(d = bcg, X = cbind(ablat = bcg$ablat, year = bcg$year)),
  bcg_alloc = list(d = bcg, X = model.matrix(~ alloc, bcg)[, -1]), raudenbush_weeks = list(d = raud, X = cbind(weeks = raud$weeks)),
  bangertdrowns = list(d = bang, X = as.matrix(bang[c("length", "wic", "feedback", "info", "pers", "imag", "meta")])),
  bangertdrowns_length = list(d = bang, X = cbind(length = bang$length)), landenberger = list(d = lande, X = cbind(sessions = lande$sessions, male = lande$male)))
designs$landenberger <- with(designs$landenberger, { ok <- complete.cases(X); list(d = lande[ok, ], X = X[ok, , drop = FALSE]) })
regression <- list()
for (name in names(designs)) for (method in c("REML", "ML", "DL", "PM", "EB", "SJ", "HS", "HE", "EE")) for (test in if (method == "EE") "z" else c("z", "knha", "adhoc")) {
  f <- fitted_by(designs[[name]]$d, designs[[name]]$X, method, test)
  ci <- if (method == "EE") c(NA, NA) else confint(f, control = list(tol = 1e-13, tau2.max = 1e6))$random[1, 2:3]
  regression[[length(regression) + 1]] <- list(data = name, method = ifelse(method == "EE", "common", method), test = test, beta = number(f$b), se = number(f$se), p = number(f$pval),
    ci_low = number(f$ci.lb), ci_high = number(f$ci.ub), tau2 = f$tau2, tau2_ci = number(ci), i2 = number(f$I2), h2 = number(f$H2), r2 = number(if (method == "EE") NA else f$R2), qm = f$QM, qm_p = f$QMp, qe = f$QE, qe_p = f$QEp)
}
f <- rma(yi, vi, mods = ~ ablat, data = bcg, control = tight); p <- predict(f, newmods = c(10, 40))
prediction <- list(at = c(10, 40), estimate = p$pred, se = p$se, ci_low = p$ci.lb, pi_low = p$pi.lb, pi_high = p$pi.ub)
perm <- function(f) { r <- permutest(f, exact = TRUE, progbar = FALSE); list(p = number(r$pval), qm_p = r$QMp) }
small <- raud[1:9, ]; two <- as.numeric(small$weeks > 1)
permutation <- list(list(yi = small$yi, vi = small$vi, X = NULL, res = perm(rma(yi, vi, data = small, control = tight))),
                    list(yi = small$yi, vi = small$vi, X = two, res = perm(rma(small$yi, small$vi, mods = two, control = tight))),
                    list(yi = small$yi[1:6], vi = small$vi[1:6], X = small$weeks[1:6] + 0.1 * (1:6), res = perm(rma(small$yi[1:6], small$vi[1:6], mods = small$weeks[1:6] + 0.1 * (1:6), method = "DL"))))
alloc <- split(bcg, bcg$alloc)
sub_each <- lapply(alloc, function(d) { f <- rma(yi, vi, data = d, control = tight); c(f$b, f$se, f$tau2) })
separate <- rma(sapply(sub_each, `[`, 1), sapply(sub_each, `[`, 2)^2, method = "EE")
shared <- rma(yi, vi, mods = ~ 0 + alloc, data = bcg, control = tight); test <- rma(yi, vi, mods = ~ alloc, data = bcg, control = tight)
subgroups <- list(labels = as.character(bcg$alloc), names = names(alloc), separate = sub_each, q_separate = separate$QE, p_separate = separate$QEp,
  estimate = number(shared$b), se = number(shared$se), tau2 = shared$tau2, q_common = test$QM, p_common = test$QMp)
l1 <- leave1out(rma(yi, vi, data = bcg, control = tight)); cu <- cumul(rma(yi, vi, data = bcg, control = tight), order = bcg$year)
again <- list(year = bcg$year, left_out = list(estimate = l1$estimate, se = l1$se, tau2 = l1$tau2, q = l1$Q, i2 = l1$I2), cumulative = list(estimate = cu$estimate, se = cu$se, tau2 = cu$tau2))
inf <- function(name, d, X, method, test) { f <- fitted_by(d, X, method, test); r <- influence(f)
  c(list(data = name, method = method, test = test, weight = number(r$inf$weight), dfbetas = unname(as.matrix(as.data.frame(r$dfbs)[seq_len(f$p)])), influential = as.logical(r$is.infl)), lapply(unclass(r$inf)[c("rstudent", "dffits", "cook.d", "cov.r", "tau2.del", "QE.del", "hat")], number)) }
influences <- list(inf("bcg", bcg, NULL, "REML", "z"), inf("bcg", bcg, NULL, "DL", "knha"), inf("normand", normand, NULL, "REML", "z"), inf("raud", raud, NULL, "REML", "adhoc"),
  inf("bcg_ablat", bcg, designs$bcg_ablat$X, "REML", "z"), inf("raudenbush_weeks", raud, designs$raudenbush_weeks$X, "DL", "z"))
pools <- list(bcg = bcg, normand = normand, raud = raud, hackshaw = dat.hackshaw1998, bang = dat.bangertdrowns2004, begg = dat.begg1989)
asymmetry <- lapply(names(pools), function(name) { d <- nice(pools[[name]]); f <- fitted_by(d, NULL, "REML", "z"); e <- regtest(f); o <- regtest(f, model = "lm")
  k <- suppressWarnings(ranktest(f)); fills <- lapply(c("L0", "R0", "Q0"), function(s) { t <- tryCatch(trimfill(f, estimator = s), error = function(e) NULL); if (is.null(t)) NULL else
    { g <- fitted_by(list(yi = t$yi, vi = t$vi), NULL, "REML", "z")  # trimfill itself fits at the default threshold
      list(estimator = s, k0 = t$k0, se = number(t$se.k0), p = number(t$p.k0), side = t$side, estimate = number(g$b), se_b = number(g$se), tau2 = g$tau2) } })
  list(data = name, mixed = number(c(e$zval, e$pval, e$est, e$ci.lb, e$ci.ub, e$fit$b[2], e$fit$se[2])), original = number(c(o$zval, o$pval, o$est, o$ci.lb, o$ci.ub)), df = o$dfs, rank = number(c(k$tau, k$pval)), fills = fills) })
cat(toJSON(list(versions = list(R = R.version.string, metafor = as.character(packageVersion("metafor")), metadat = as.character(packageVersion("metadat"))),
  designs = lapply(designs, function(s) c(nice(s$d), list(X = unname(s$X)))), data = lapply(pools, nice), regression = regression, prediction = prediction, permutation = permutation, subgroups = subgroups,
  again = again, influence = influences, asymmetry = asymmetry), auto_unbox = TRUE, digits = I(13), na = "null", null = "null"))
