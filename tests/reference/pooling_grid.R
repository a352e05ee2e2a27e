# Reference values for effect sizes and pool over metafor's datasets: measure x estimator of tau^2 x interval.
# Rscript pooling_grid.R > pooling_grid.json
# Iterative estimators are converged far beyond metafor's default, so that the comparison tests the optimum.
suppressMessages({library(metafor); library(metadat); library(jsonlite)})
table <- function(measure, a, b, c, d, ...) { e <- escalc(measure, ai = a, bi = b, ci = c, di = d, ...)
  list(kind = "table", measure = measure, a = a, b = b, c = c, d = d, yi = as.numeric(e$yi), vi = as.numeric(e$vi)) }
events <- function(measure, a, n1, c, n2) table(measure, a, n1 - a, c, n2 - c, add = if (measure == "PETO") 0 else 0.5)
arms <- function(measure, m1, s1, n1, m2, s2, n2, vtype = "LS") { e <- escalc(measure, m1i = m1, sd1i = s1, n1i = n1, m2i = m2, sd2i = s2, n2i = n2, vtype = vtype)
  list(kind = "arms", measure = measure, vtype = vtype, m1 = m1, sd1 = s1, n1 = n1, m2 = m2, sd2 = s2, n2 = n2, yi = as.numeric(e$yi), vi = as.numeric(e$vi)) }
given <- function(yi, vi) { ok <- is.finite(yi) & is.finite(vi); list(kind = "given", measure = "given", yi = as.numeric(yi[ok]), vi = as.numeric(vi[ok])) }
bcg <- function(m) with(dat.bcg, table(m, tpos, tneg, cpos, cneg))
ev <- function(m, d) with(d, events(m, ai, n1i, ci, n2i))
yusuf <- subset(dat.yusuf1985, table == "6"); yusuf <- subset(yusuf, ai + ci > 0)
cold <- subset(dat.dagostino1998, outcome == "rnic1" & !is.na(mt))
gibson <- subset(dat.gibson2002, !is.na(m1i)); stowe <- subset(dat.stowe2010, !is.na(y1) & !is.na(y2) & sd1 > 0 & sd2 > 0)
collins <- subset(dat.collins1985b, !is.na(pre.xti)); z <- escalc("ZCOR", ri = ri, ni = ni, data = dat.molloy2014)
data <- list(
  bcg_rr = bcg("RR"), bcg_or = bcg("OR"), bcg_rd = bcg("RD"), collins1985b = with(collins, events("OR", pre.xti, pre.nti, pre.xci, pre.nci)),
  yusuf1985 = with(yusuf, events("PETO", ai, n1i, ci, n2i)), li2007 = ev("OR", dat.li2007), hine1989 = ev("RD", dat.hine1989),
  nielweise2007 = ev("OR", dat.nielweise2007), lee2004 = ev("OR", dat.lee2004), linde2005 = ev("RR", subset(dat.linde2005, !is.na(ai))), hahn2001 = ev("RR", dat.hahn2001),
  graves2010 = ev("OR", dat.graves2010), lau1992 = ev("OR", dat.lau1992), laopaiboon2015 = ev("RR", dat.laopaiboon2015), egger2001 = ev("OR", dat.egger2001),
  damico2009 = with(dat.damico2009, events("OR", xt, nt, xc, nc)), vanhowe1999 = with(dat.vanhowe1999, table("OR", non.pos, non.neg, cir.pos, cir.neg)),
  landenberger2005 = with(dat.landenberger2005, table("OR", n.cbt.non, n.cbt.rec, n.ctrl.non, n.ctrl.rec)),
  axfors2021 = with(dat.axfors2021, events("RR", hcq_arm_event, hcq_arm_total, control_arm_event, control_arm_total)),
  viechtbauer2021 = with(dat.viechtbauer2021, events("OR", xTi, nTi, xCi, nCi)),
  normand1999 = with(dat.normand1999, arms("MD", m1i, sd1i, n1i, m2i, sd2i, n2i)), normand1999_pooled = with(dat.normand1999, arms("MD", m1i, sd1i, n1i, m2i, sd2i, n2i, "HO")),
  gibson2002 = with(gibson, arms("SMD", m1i, sd1i, n1i, m2i, sd2i, n2i)), gibson2002_ub = with(gibson, arms("SMD", m1i, sd1i, n1i, m2i, sd2i, n2i, "UB")),
  dagostino1998 = with(cold, arms("SMD", mt, sdt, nt, mc, sdc, nc, "LS2")), dagostino1998_glass = with(cold, arms("SMD1", mt, sdt, nt, mc, sdc, nc)),
  michael2013 = with(dat.michael2013, arms("SMD1H", Brain_m, Brain_s, Brain_n, No_brain_m, No_brain_s, No_brain_n)),
  curtis1998 = with(dat.curtis1998, arms("ROM", m1i, sd1i, n1i, m2i, sd2i, n2i)), stowe2010 = with(stowe, arms("MD", y1, sd1, n1, y2, sd2, n2)),
  raudenbush1985 = with(dat.raudenbush1985, given(yi, vi)), konstantopoulos2011 = with(dat.konstantopoulos2011, given(yi, vi)), hackshaw1998 = with(dat.hackshaw1998, given(yi, vi)),
  bangertdrowns2004 = with(dat.bangertdrowns2004, given(yi, vi)), baskerville2012 = with(dat.baskerville2012, given(smd, se^2)), begg1989 = with(dat.begg1989, given(yi, vi)),
  tannersmith2016 = with(dat.tannersmith2016, given(yi, vi)), kalaian1996 = with(dat.kalaian1996, given(yi, vi)), assink2016 = with(dat.assink2016, given(yi, vi)), molloy2014 = given(z$yi, z$vi))
number <- function(x) if (length(x) == 0 || !is.finite(x)) NA else as.numeric(x)
fields <- c("estimate", "se", "ci_low", "ci_high", "p", "tau2", "tau2_low", "tau2_high", "i2", "h2", "q", "q_p", "pi_low", "pi_high")
fit <- function(d, method, test) {
  at <- function(threshold) rma(yi, vi, data = list(yi = d$yi, vi = d$vi), method = ifelse(method == "common", "EE", method), test = test,
                                control = list(threshold = threshold, maxiter = 1e4, tol = 1e-14, tau2.max = 1e6))
  f <- tryCatch(at(1e-13), error = function(e) tryCatch(at(1e-10), error = function(e) tryCatch(at(1e-8), error = function(e) at(1e-6))))
  ci <- if (method != "common") confint(f, control = list(tol = 1e-13, tau2.max = 1e6))$random["tau^2", 2:3] else c(NA, NA)
  pi <- if (method != "common") predict(f) else list(pi.lb = NA, pi.ub = NA)
  sapply(list(f$b, f$se, f$ci.lb, f$ci.ub, f$pval, f$tau2, ci[1], ci[2], f$I2, f$H2, f$QE, f$QEp, pi$pi.lb, pi$pi.ub), number)
}
cases <- list()
for (name in names(data)) for (method in c("REML", "DL", "PM", "ML", "EB", "SJ", "HS", "HE", "common"))
  for (test in if (method == "common") "z" else c("z", "knha", "adhoc"))
    cases[[length(cases) + 1]] <- list(data = name, method = method, test = test, values = fit(data[[name]], method, test))
cat(toJSON(list(versions = list(R = R.version.string, metafor = as.character(packageVersion("metafor")), metadat = as.character(packageVersion("metadat"))),
                fields = fields, data = data, cases = cases), auto_unbox = TRUE, digits = I(13), na = "null"))
