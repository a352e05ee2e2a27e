# Reference values for pool_network, from metafor's rma.mv:  Rscript pooling_network.R > pooling_network.json
# Networks of metadat, arms turned into contrasts with the trial's first arm (alphabetical order), so that contrasts of a design have one
# comparator and rho = phi = 1/2 is the model of Jackson 2014. Log odds of arms with 1/2 added to every cell, mean differences with each arm's
# own SD; the variance of the first arm's outcome is the covariance of the contrasts of a trial.
suppressMessages({library(metafor); library(metadat); library(numDeriv); library(jsonlite)})
tight <- list(optimizer = "BFGS", reltol = 1e-15, maxit = 20000)
contrasts_of <- function(arms) do.call(rbind, lapply(split(arms, factor(arms$trial, levels = unique(arms$trial))), function(a) {
  a <- a[order(a$treatment, method = "radix"), ]; if (nrow(a) < 2) return(NULL)
  data.frame(trial = as.character(a$trial[1]), treatment = a$treatment[-1], comparator = a$treatment[1], y = a$y[-1] - a$y[1],
             v = a$v[-1] + a$v[1], shared = a$v[1], design = paste(a$treatment, collapse = ", ")) }))
odds <- function(trial, treatment, x, n) data.frame(trial, treatment, y = log((x + 0.5) / (n - x + 0.5)), v = 1 / (x + 0.5) + 1 / (n - x + 0.5))
senn <- dat.senn2013; hass <- dat.hasselblad1998; dong <- dat.dong2013; pag <- dat.pagliaro1992; woods <- dat.woods2010
sets <- list(senn2013 = data.frame(trial = senn$study, treatment = senn$treatment, y = senn$mi, v = senn$sdi^2 / senn$ni),
  hasselblad1998 = odds(hass$study, hass$trt, hass$xi, hass$ni), dong2013 = odds(dong$id, dong$treatment, dong$death, dong$randomized),
  pagliaro1992 = odds(pag$study, pag$trt, pag$xi, pag$ni), woods2010 = odds(woods$author, woods$treatment, woods$r, woods$N))
sets <- lapply(sets, contrasts_of)
# Example 2 of Law 2016 (metafor's test of the worked example), where both variances are above 0.
sets$law2016 <- data.frame(trial = as.character(c(1:10, 11, 11, 12, 12, 13, 13)), treatment = c("B", "C", "C", "C", "C", "C", "D", "D", "D", "D", "B", "D", "C", "D", "C", "D"),
  comparator = c("A", rep("B", 7), "C", "C", "A", "A", rep("B", 4)),
  y = c(-3.61988658, 0, 0.19342045, 2.79320801, 0.24512246, 0.03748309, 0.86020127, 0.14310084, 0.07598591, -0.99039870, -1.74085310, 0.34830670, 0.40546510, 1.91692260, -0.32850410, 1.07329450),
  v = c(0.9672619, 0.4, 0.24987648, 0.61904762, 0.27958937, 0.23845689, 0.04321419, 0.47692308, 0.18416468, 0.61978022, 0.12650164, 0.1583906, 0.389881, 0.5151261, 0.4361111, 0.5380342),
  shared = c(rep(0, 10), rep(c(0.07397504, 0.2857143, 0.2111111), each = 2)),
  design = c("A, B", rep("B, C", 5), "B, D", "B, D", "C, D", "C, D", "A, B, D", "A, B, D", rep("B, C, D", 4)))
network <- function(name, inconsistency, method, interval = FALSE) {
  d <- sets[[name]]; d$contr <- paste(d$comparator, d$treatment, sep = "|"); d$trial <- factor(d$trial, levels = unique(d$trial))
  V <- outer(d$trial, d$trial, "==") * d$shared; diag(V) <- d$v; names <- sort(unique(c(d$treatment, d$comparator)), method = "radix")
  X <- outer(d$treatment, names, "==") - outer(d$comparator, names, "=="); X <- X[, -1, drop = FALSE]; colnames(X) <- names[-1]
  fit <- function(...) { args <- list(d$y, V, mods = X, intercept = FALSE, data = d, method = method, rho = 1/2, control = tight, ...)
    if (inconsistency == "random") { args$random <- list(~ contr | trial, ~ contr | design); args$phi <- 1/2 } else args$random <- ~ contr | trial
    do.call(rma.mv, args) }
  # rma.mv works on the logarithms of the variances: one that runs to 0 is held there; Newton's method climbs on over the others.
  rough <- fit(); found <- c(rough$tau2, if (inconsistency == "random") rough$gamma2); free <- found > 1e-6
  at <- function(z) { v <- numeric(length(found)); v[free] <- exp(z); if (length(v) == 2) fit(tau2 = v[1], gamma2 = v[2]) else fit(tau2 = v) }
  loglik <- function(z) as.numeric(logLik(at(z))); steps <- list(d = 1e-2, eps = 1e-3, r = 5); z <- log(found[free])
  if (any(free)) for (i in 1:5) z <- z - as.numeric(solve(hessian(loglik, z, method.args = steps), grad(loglik, z, method.args = steps)))
  stopifnot(loglik(z) >= as.numeric(logLik(rough)) - 1e-6, !any(free) || max(abs(grad(loglik, z, method.args = steps))) < 1e-7); f <- at(z)
  cell <- interaction(d$design, d$contr, drop = TRUE); free_q <- rma.mv(d$y, V, mods = model.matrix(~ 0 + cell), intercept = FALSE, method = method)
  result <- list(data = name, inconsistency = inconsistency, method = method, treatments = names, estimate = I(as.numeric(f$b)), vcov = f$vb, tau2 = f$tau2,
    omega2 = if (inconsistency == "random") f$gamma2 else 0, loglik = as.numeric(logLik(f)), q = f$QE, q_p = f$QEp, q_heterogeneity = if (free_q$k > free_q$p) free_q$QE else 0, df_heterogeneity = free_q$k - free_q$p,
    last = { x <- numeric(ncol(X)); x[ncol(X)] <- 1; if (ncol(X) > 1) x[1] <- -1; r <- predict(f, newmods = x); I(c(r$pred, r$se, r$ci.lb, r$ci.ub, r$pi.lb, r$pi.ub)) })
  if (interval) { whole <- fit(); sharp <- list(tol = 1e-10, vc.max = 1000)
    result$tau2_ci <- I(as.numeric(confint(whole, tau2 = 1, control = sharp)$random[1, 2:3]))
    if (inconsistency == "random") result$omega2_ci <- I(as.numeric(confint(whole, gamma2 = 1, control = sharp)$random[1, 2:3])) }
  if (interval) { blup <- function(r) list(label = I(rownames(r)), effect = I(r$intrcpt), se = I(r$se)); r <- ranef(f)
    result$trial_effects <- blup(r[[1]]); if (inconsistency == "random") result$design_effects <- blup(r[[2]]) }
  result
}
cases <- list()
for (name in names(sets)) for (inconsistency in c("none", "random")) for (method in c("REML", "ML")) { message(name, " ", inconsistency, " ", method)
  cases[[length(cases) + 1]] <- network(name, inconsistency, method, method == "REML" && name != "dong2013") }
cat(toJSON(list(versions = list(R = R.version.string, metafor = as.character(packageVersion("metafor")), metadat = as.character(packageVersion("metadat"))),
                data = lapply(sets, as.list), cases = cases), auto_unbox = TRUE, digits = I(17)))
