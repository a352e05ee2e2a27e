# Reference values for the options of effect sizes, from escalc, of proportions and rates, their inverses and equal weights.  Rscript pooling_effects.R > pooling_effects.json
suppressMessages({library(metafor); library(jsonlite)})
arms <- list(m1i = c(24.1, 5, -3, 60), sd1i = c(6.2, 1.1, 4, 22), n1i = c(12, 40, 7, 250), m2i = c(20, 4.2, -1, 71), sd2i = c(8.1, 1.4, 2.5, 19), n2i = c(15, 38, 9, 240))
tables <- list(ai = c(0, 3, 10, 0, 12, 5), bi = c(20, 17, 0, 30, 30, 40), ci = c(4, 0, 8, 0, 20, 6), di = c(16, 22, 4, 28, 25, 41))
change <- list(m1i = c(42, 55, 30), m2i = c(50, 60, 45), sd1i = c(12, 9, 15), sd2i = c(11, 10, 14), ni = c(20, 45, 8), ri = c(.6, .3, .8))
out <- list()
keep <- function(name, e, ...) out[[length(out) + 1]] <<- c(list(name = name, yi = as.numeric(e$yi), vi = as.numeric(e$vi)), list(...))
for (v in c("LS", "LS2", "UB")) keep("hedges_g", do.call(escalc, c(list("SMD", vtype = v), arms)), options = list(vtype = v))
keep("mean_difference", do.call(escalc, c(list("MD"), arms)), options = list(sd = "separate")); keep("mean_difference", do.call(escalc, c(list("MD", vtype = "HO"), arms)), options = list(sd = "pooled"))
keep("glass_delta", do.call(escalc, c(list("SMD1"), arms)), options = list(sd = "equal")); keep("glass_delta", do.call(escalc, c(list("SMD1H"), arms)), options = list(sd = "separate"))
keep("ratio_of_means", do.call(escalc, c(list("ROM"), arms)), options = setNames(list(), character(0)))
for (m in c("OR", "RR", "RD")) for (to in c("only0", "all", "if0all")) for (add in c(0.5, 0.1))
  keep(c(OR = "log_odds_ratio", RR = "log_risk_ratio", RD = "risk_difference")[[m]], do.call(escalc, c(list(m, to = to, add = add), tables)), options = list(to = to, add = add))
for (s in c("baseline", "change")) keep("standardised_mean_change", do.call(escalc, c(list(c(baseline = "SMCR", change = "SMCC")[[s]]), change)), options = list(standardiser = s))
t <- c(2.1, -0.7); keep("hedges_g_from_t", escalc("SMD", ti = t, n1i = c(20, 8), n2i = c(25, 11)), options = setNames(list(), character(0)))
# Proportions and rates: datasets x measures x rules for counts of 0; "default" are the defaults of escalc
prop <- function(x, n) { ok <- !is.na(x) & !is.na(n); list(events = x[ok], participants = n[ok]) }
rate <- function(x, t) list(events = x, time = t)
rates <- function(d) with(d, list(events1 = x1i, time1 = t1i, events2 = x2i, time2 = t2i))
per1000 <- within(dat.nielweise2008, { t1i <- t1i / 1000; t2i <- t2i / 1000 })
yusuf <- subset(dat.yusuf1985, table == "6" & !is.na(ai))
counts <- list(
  miller1978 = prop(c(3, 6, 10, 1), c(11, 17, 21, 6)), ends = prop(c(0, 4, 9, 16, 20), c(10, 10, 15, 20, 20)),
  pritz1997 = with(dat.pritz1997, prop(xi, ni)), debruin2009 = with(dat.debruin2009, prop(xi, ni)), hannum2020 = with(dat.hannum2020, prop(xi, ni)),
  no_events_at_all = prop(rep(0, 4), c(5, 12, 80, 300)), all_events = prop(c(7, 25, 1), c(7, 25, 1)),
  nielweise2007_treated = with(dat.nielweise2007, prop(ai, n1i)), nielweise2007_control = with(dat.nielweise2007, prop(ci, n2i)),
  li2007 = with(dat.li2007, prop(ai, n1i)), yusuf1985 = with(yusuf, prop(ai, n1i)), lee2004 = with(dat.lee2004, prop(ai, n1i)),
  pagliaro1992 = with(dat.pagliaro1992, prop(xi, ni)), hasselblad1998 = with(dat.hasselblad1998, prop(xi, ni)), dorn2007 = with(dat.dorn2007, prop(x.p, n.p)),
  kearon1998 = with(dat.kearon1998, prop(tp, np)), gurusamy2011 = with(dat.gurusamy2011, prop(death, n)),
  nielweise2008_treated = with(per1000, rate(x1i, t1i)), nielweise2008_control = with(per1000, rate(x2i, t2i)), nielweise2008_days = with(dat.nielweise2008, rate(x1i, t1i)),
  hart1999_treated = with(dat.hart1999, rate(x1i, t1i)), rates_of_zero = rate(c(0, 0, 3), c(2.5, 140, 31)), yusuf1985_months = with(yusuf, rate(ai, 12 * n1i)),
  nielweise2008 = rates(per1000), hart1999 = rates(dat.hart1999), zeros = list(events1 = c(0, 0, 4, 2), time1 = c(10, 3.5, 88, 7), events2 = c(3, 0, 0, 5), time2 = c(11, 4, 90, 8)),
  yusuf1985_rates = with(yusuf, list(events1 = ai, time1 = 12 * n1i, events2 = ci, time2 = 12 * n2i)))
escalc_of <- function(m, d, ...) { names(d) <- list(events = c("xi", if (is.null(d$time)) "ni" else "ti"), events1 = c("x1i", "t1i", "x2i", "t2i"))[[names(d)[1]]]; do.call(escalc, c(list(m), d, list(...))) }
measures <- list(participants = c(PR = "raw_proportion", PLN = "log_proportion", PLO = "logit_proportion", PAS = "arcsine_proportion", PFT = "double_arcsine_proportion"),
                 time = c(IR = "raw_rate", IRLN = "log_rate", IRS = "square_root_rate", IRFT = "freeman_tukey_rate"), time1 = c(IRR = "log_rate_ratio", IRD = "rate_difference"))
rules <- c(list(default = list()), lapply(c("only0", "all", "if0all"), function(to) list(to = to, add = 0.5)), list(list(to = "only0", add = 0.1), list(to = "none", add = 0.5)))
count_cases <- list()
for (data in names(counts)) for (m in names(measures[[names(counts[[data]])[2]]])) for (rule in rules) {
  e <- suppressWarnings(do.call(escalc_of, c(list(m, counts[[data]]), rule)))
  if (all(is.finite(e$yi)) && all(is.finite(e$vi)) && all(e$vi > 0))
    count_cases[[length(count_cases) + 1]] <- list(name = measures[[names(counts[[data]])[2]]][[m]], data = data, yi = as.numeric(e$yi), vi = as.numeric(e$vi), options = if (length(rule)) rule else setNames(list(), character(0)))
}
# Inverses, also outside the range of the transformation
y <- c(-0.2, 0, 0.05, 0.1, 0.2, 0.35, 0.6, pi/4, 0.9, 1.2, 1.4, 1.5, 1.57, pi/2, 1.9)
inverses <- list(y = y, sizes = c(1, 2.5, 6, 13, 100, 5000), logit = transf.ilogit(y), arcsine = transf.iarcsin(y), square_root = transf.isqrt(y))
inverses$double_arcsine <- lapply(inverses$sizes, function(n) transf.ipft(y, n))
inverses$freeman_tukey_rate <- lapply(inverses$sizes, function(t) transf.iirft(y, t))
# Equal weights (weighted = FALSE), and the estimate with its intervals transformed back
number <- function(x) if (length(x) == 0 || !is.finite(x)) NA else as.numeric(x)
equal <- list()
for (case in list(c("miller1978", "PFT"), c("nielweise2007_control", "PLO"), c("pritz1997", "PFT"), c("debruin2009", "PAS"), c("nielweise2008", "IRR"), c("nielweise2008_control", "IRLN"), c("hart1999_treated", "IRS")))
  for (method in c("EE", "REML", "DL", "PM", "ML", "HE")) for (test in if (method == "EE") "z" else c("z", "knha", "adhoc")) for (weighted in c(FALSE, TRUE)) {
    e <- escalc_of(case[2], counts[[case[1]]])
    at <- function(threshold) rma(yi, vi, data = e, method = method, test = test, weighted = weighted, control = list(threshold = threshold, maxiter = 1e4, tol = 1e-14))
    f <- tryCatch(at(1e-13), error = function(err) tryCatch(at(1e-10), error = function(err) at(1e-8)))
    p <- predict(f); five <- c(f$b, f$ci.lb, f$ci.ub, if (method == "EE") c(NA, NA) else c(p$pi.lb, p$pi.ub))
    inverse <- switch(case[2], PFT = function(x) transf.ipft.hm(x, list(ni = counts[[case[1]]]$participants)), PLO = transf.ilogit, PAS = transf.iarcsin, IRS = transf.isqrt, exp)
    equal[[length(equal) + 1]] <- list(data = case[1], name = unlist(unname(measures))[[match(case[2], unlist(lapply(measures, names)))]], method = method, test = test, weighted = weighted,
      values = sapply(list(f$b, f$se, f$ci.lb, f$ci.ub, f$pval, f$tau2, f$I2, f$QE, five[4], five[5]), number), original = sapply(inverse(five), number))
  }
cat(toJSON(list(versions = list(R = R.version.string, metafor = as.character(packageVersion("metafor")), metadat = as.character(packageVersion("metadat"))), arms = arms, tables = tables, change = change,
                t = list(t = t, n1 = c(20, 8), n2 = c(25, 11)), cases = out, counts = counts, count_cases = count_cases, inverses = inverses, equal_weights = equal), auto_unbox = TRUE, digits = I(15), na = "null"))
