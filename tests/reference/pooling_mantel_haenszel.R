# Reference values for mantel_haenszel and mantel_haenszel_rates, from rma.mh.  Rscript pooling_mantel_haenszel.R > pooling_mantel_haenszel.json
suppressMessages({library(metafor); library(metadat); library(jsonlite)})
by_n <- function(d, a, n1, c, n2) { d <- d[complete.cases(d[c(a, n1, c, n2)]), ]; list(a = d[[a]], b = d[[n1]] - d[[a]], c = d[[c]], d = d[[n2]] - d[[c]]) }
cells <- function(d) { d <- d[complete.cases(d[c("ai", "bi", "ci", "di")]), ]; list(a = d$ai, b = d$bi, c = d$ci, d = d$di) }
tables <- list(
  hine1989 = by_n(dat.hine1989, "ai", "n1i", "ci", "n2i"), yusuf1985 = by_n(subset(dat.yusuf1985, table == "6"), "ai", "n1i", "ci", "n2i"),
  bcg = list(a = dat.bcg$tpos, b = dat.bcg$tneg, c = dat.bcg$cpos, d = dat.bcg$cneg), lee2004 = by_n(dat.lee2004, "ai", "n1i", "ci", "n2i"),
  nielweise2007 = by_n(dat.nielweise2007, "ai", "n1i", "ci", "n2i"), collins1985a = by_n(dat.collins1985a, "b.xti", "nti", "b.xci", "nci"),
  egger2001 = by_n(dat.egger2001, "ai", "n1i", "ci", "n2i"), li2007 = by_n(dat.li2007, "ai", "n1i", "ci", "n2i"),
  rothman = list(a = c(8, 22), b = c(98, 76), c = c(5, 16), d = c(115, 69)),
  zeros = list(a = c(0, 3, 10, 0, 12, 5), b = c(20, 17, 0, 30, 30, 40), c = c(4, 0, 8, 0, 20, 6), d = c(16, 22, 4, 28, 25, 41)),
  one = list(a = 7, b = 13, c = 3, d = 19), many_events = list(a = c(18, 30), b = c(2, 3), c = c(9, 25), d = c(1, 9)), equal = list(a = c(10, 20), b = c(10, 20), c = c(5, 30), d = c(5, 30)))
rates <- list(
  nielweise2008 = list(events1 = dat.nielweise2008$x1i, time1 = dat.nielweise2008$t1i / 1000, events2 = dat.nielweise2008$x2i, time2 = dat.nielweise2008$t2i / 1000),
  hart1999 = list(events1 = dat.hart1999$x1i, time1 = dat.hart1999$t1i, events2 = dat.hart1999$x2i, time2 = dat.hart1999$t2i),
  rothman = list(events1 = c(32, 104, 206, 186, 102), time1 = c(5.2407, 4.3248, 2.8612, 1.2663, 0.5317), events2 = c(2, 12, 28, 28, 31), time2 = c(1.879, 1.0673, 0.571, 0.2585, 0.1462)),
  zeros = list(events1 = c(0, 3, 0), time1 = c(10, 12.5, 8), events2 = c(2, 0, 0), time2 = c(11, 9, 7)))
out <- list()
keep <- function(data, measure, correct, f) out[[length(out) + 1]] <<- list(data = data, measure = tolower(measure), correct = correct,
  estimate = as.numeric(f$beta), se = f$se, p = f$pval, ci_low = f$ci.lb, ci_high = f$ci.ub, q = f$QE, q_p = f$QEp, k_q = f$k.yi, mh = f$MH, mh_p = f$MHp, tarone = f$TA, tarone_p = f$TAp, k_tarone = f$k.pos)
for (name in names(tables)) for (m in c("OR", "RR", "RD")) for (correct in if (m == "OR") c(TRUE, FALSE) else FALSE) {
  d <- tables[[name]]; keep(name, m, correct, suppressWarnings(rma.mh(ai = d$a, bi = d$b, ci = d$c, di = d$d, measure = m, correct = correct, level = 90))) }
for (name in names(rates)) for (m in c("IRR", "IRD")) for (correct in if (m == "IRR") c(TRUE, FALSE) else FALSE) {
  d <- rates[[name]]; keep(name, m, correct, suppressWarnings(rma.mh(x1i = d$events1, t1i = d$time1, x2i = d$events2, t2i = d$time2, measure = m, correct = correct, level = 90))) }
cat(toJSON(list(versions = list(R = R.version.string, metafor = as.character(packageVersion("metafor")), metadat = as.character(packageVersion("metadat"))),
                tables = tables, rates = rates, cases = out), auto_unbox = TRUE, digits = I(15), na = "null"))
