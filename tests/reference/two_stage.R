# Makes the shared participants (two_stage_ipd.csv) and the reference values for two_stage:  Rscript two_stage.R
# glm and lm per trial, Firth by direct maximisation of the penalised likelihood, metafor for the synthesis.
suppressMessages({library(metafor); library(jsonlite)})
set.seed(19)
trials <- c(Albright = 60, Bendix = 84, Cherkin = 52, Dufour = 96, Ewert = 70, Ferreira = 44, Goldby = 36, Hayden = 64)
d <- do.call(rbind, lapply(seq_along(trials), function(j) {
  n <- trials[[j]]; age <- round(rnorm(n, 40 + 2 * j, 11)); sex <- rbinom(n, 1, 0.5)
  category <- c("low", "mid", "high")[1 + rbinom(n, 2, plogis(-0.6 + 0.15 * j))]
  treat <- sample(rep(0:1, length.out = n)); baseline <- round(pmin(pmax(rnorm(n, 50 + j, 16), 0), 100), 1)
  if (j == 6) treat <- rep(1, n)
  if (j == 8) sex <- rep(1, n)
  u <- rnorm(3, 0, c(5, 4, 0.1))
  pain <- round(15 + u[1] + (0.5 + u[3]) * baseline + (-8 + u[2]) * treat + 0.1 * age + 2 * sex + treat * (0.15 * (age - 45) - 3 * sex) +
                  c(low = 0, mid = -2, high = -5)[category] * treat + rnorm(n, 0, 14), 1)
  recovered <- rbinom(n, 1, plogis(-0.8 + 0.8 * treat + 0.02 * (age - 45) - 0.01 * (baseline - 50) + rnorm(1, 0, 0.4)))
  if (j == 7) recovered <- ifelse(treat == 1, recovered, 0)
  data.frame(trial = names(trials)[j], treat, baseline, age, sex, category, pain, recovered)
}))
d$age[sample(nrow(d), 12)] <- NA; d$sex[d$trial == "Dufour"] <- NA; d$pain[sample(nrow(d), 20)] <- NA
d$category[d$trial == "Bendix" & d$category == "high" & d$treat == 0] <- "mid"
write.csv(d, "two_stage_ipd.csv", row.names = FALSE)
firth <- function(y, X) {
  penalised <- function(b) { p <- plogis(X %*% b); w <- as.numeric(p * (1 - p))
    sum(y * (X %*% b) - log1p(exp(X %*% b))) + 0.5 * as.numeric(determinant(crossprod(X * w, X))$modulus) }
  o <- optim(rep(0, ncol(X)), function(b) -penalised(b), method = "BFGS", control = list(reltol = 1e-15, maxit = 1000))
  o <- optim(o$par, function(b) -penalised(b), control = list(reltol = 1e-15, maxit = 5000))
  w <- as.numeric(plogis(X %*% o$par) * (1 - plogis(X %*% o$par)))
  list(beta = o$par, vcov = solve(crossprod(X * w, X)), loglik = -o$value)
}
one <- function(formula, s, term, family) {
  if (family == "gaussian") { f <- summary(lm(formula, s))$coefficients; return(c(f[term, 1:2], firth = 0)) }
  f <- suppressWarnings(glm(formula, s, family = binomial, control = glm.control(epsilon = 1e-14, maxit = 100)))
  if (max(abs(f$linear.predictors)) < 15) return(c(summary(f)$coefficients[term, 1:2], firth = 0))
  X <- model.matrix(f); g <- firth(f$y, X); i <- match(term, colnames(X)); c(g$beta[i], sqrt(g$vcov[i, i]), firth = 1)
}
cases <- list(
  list(formula = "pain ~ treat + baseline", term = "treat", family = "gaussian", leave = "Ferreira"),
  list(formula = "pain ~ treat * age + baseline", term = "treat:age", family = "gaussian", leave = "Ferreira"),
  list(formula = "pain ~ treat * sex + baseline", term = "treat:sex", family = "gaussian", leave = c("Ferreira", "Hayden", "Dufour")),
  list(formula = "recovered ~ treat + baseline", term = "treat", family = "binomial", leave = "Ferreira"),
  list(formula = "recovered ~ treat * age", term = "treat:age", family = "binomial", leave = "Ferreira"))
out <- list()
for (case in cases) for (method in c("REML", "DL")) for (test in c("knha", "z")) {
  used <- setdiff(names(trials), case$leave); f <- as.formula(case$formula)
  e <- t(sapply(used, function(name) one(f, d[d$trial == name, ], case$term, case$family)))
  n <- sapply(used, function(name) nrow(model.frame(f, d[d$trial == name, ])))
  m <- rma(e[, 1], sei = e[, 2], method = method, test = test, control = list(threshold = 1e-12, maxiter = 1e4))
  out[[length(out) + 1]] <- c(case[c("formula", "term", "family")], list(method = method, test = test,
    trials = I(used), n = I(as.integer(n)), estimate = I(as.numeric(e[, 1])), se = I(as.numeric(e[, 2])), firth = I(as.integer(e[, 3])),
    pooled = list(estimate = as.numeric(m$b), se = m$se, ci_low = m$ci.lb, ci_high = m$ci.ub, p = m$pval, tau2 = m$tau2, i2 = m$I2)))
}
s <- d[d$trial == "Goldby", ]; X <- model.matrix(~ treat + baseline, s); g <- firth(s$recovered, X)
write(toJSON(list(versions = list(R = R.version.string, metafor = as.character(packageVersion("metafor"))), cases = out,
                  firth = list(beta = I(g$beta), vcov = g$vcov, penalised_loglik = g$loglik)), auto_unbox = TRUE, digits = I(17)), "two_stage.json")
