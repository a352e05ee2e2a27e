# Reference values for spline_interaction, on two_stage_ipd.csv:  Rscript two_stage_splines.R
# Harrell's basis is checked through splines::ns, which spans the same functions; lm per trial; rma.mv for the synthesis.
suppressMessages({library(metafor); library(jsonlite); library(splines)})
d <- read.csv("two_stage_ipd.csv", stringsAsFactors = FALSE)
s <- d[complete.cases(d[c("pain", "age", "baseline")]), ]; grid <- c(25, 33, 40, 49, 55, 64, 72)
run <- function(knots, reference, structure) {
  basis <- function(x) ns(x, knots = knots[-c(1, length(knots))], Boundary.knots = knots[c(1, length(knots))])
  p <- length(knots) - 1; at <- basis(grid) - rep(basis(reference), each = length(grid)); y <- c(); V <- list(); trial <- c()
  for (t in setdiff(unique(s$trial), "Ferreira")) {
    r <- s[s$trial == t, ]; B <- basis(r$age) - rep(basis(reference), each = nrow(r))
    m <- lm(r$pain ~ B + r$treat + r$treat:B + r$baseline); i <- grep(":", names(coef(m)))
    y <- c(y, coef(m)[i]); V[[t]] <- vcov(m)[i, i]; trial <- c(trial, rep(t, p))
  }
  g <- data.frame(y = y, trial = trial, term = factor(rep(1:p, length(V))))
  m <- if (structure == "common") rma.mv(y, bldiag(V), mods = ~ 0 + term, data = g) else
    rma.mv(y, bldiag(V), mods = ~ 0 + term, random = ~ term | trial, struct = "UN", data = g, control = list(optimizer = "BFGS", reltol = 1e-15, maxit = 20000))
  difference <- as.numeric(at %*% m$b); se <- sqrt(diag(at %*% m$vb %*% t(at)))
  list(knots = knots, reference = reference, structure = structure, difference = difference, low = difference - qnorm(0.975) * se,
       high = difference + qnorm(0.975) * se, interaction_p = m$QMp, k = length(V), loglik = as.numeric(logLik(m)))
}
harrell <- list(q3 = quantile(s$age, c(.1, .5, .9)), q4 = quantile(s$age, c(.05, .35, .65, .95)), q5 = quantile(s$age, c(.05, .275, .5, .725, .95)))
write(toJSON(list(versions = list(R = R.version.string, metafor = as.character(packageVersion("metafor"))), grid = grid, harrell = lapply(harrell, unname),
  cases = list(run(c(33, 49, 64), 49, "common"), run(c(33, 49, 64), 45, "unstructured"), run(c(30, 42, 52, 66), 49, "common"), run(c(30, 42, 52, 66), 49, "unstructured"))),
  auto_unbox = TRUE, digits = I(17)), "two_stage_splines.json")
