# Reference values for pool_multivariate and pool_floating, from metafor's rma.mv:  Rscript pooling_multivariate.R > pooling_multivariate.json
suppressMessages({library(metafor); library(numDeriv); library(jsonlite)})
tight <- list(optimizer = "BFGS", reltol = 1e-15, maxit = 20000)
rows <- function(d, id) unname(split(seq_len(nrow(d)), d[[id]]))
as_trials <- function(d, V, id, outcome, names) lapply(rows(d, id), function(r)
  list(y = I(d$yi[r]), S = V[r, r, drop = FALSE], levels = I(match(d[[outcome]][r], names) - 1)))
summary_of <- function(f) list(estimate = I(as.numeric(f$b)), vcov = f$vb, tau2 = f$G, loglik = as.numeric(logLik(f)))
pooled <- function(d, V, id, outcome, names, struct, method) {
  d$o <- factor(d[[outcome]], levels = names); d$t <- d[[id]]
  f <- rma.mv(yi, V, mods = ~ 0 + o, random = ~ o | t, struct = struct, data = d, method = method, control = tight)
  if (struct == "UN" && length(names) == 2) {  # rma.mv stops at 1e-4 of the variances: climb on by Newton's method on its own likelihood
    at <- function(z) rma.mv(yi, V, mods = ~ 0 + o, random = ~ o | t, struct = "UN", data = d, method = method, tau2 = f$tau2 * z[1:2], rho = f$rho * z[3])
    loglik <- function(z) as.numeric(logLik(at(z))); z <- c(1, 1, 1)
    for (i in 1:5) z <- z - solve(hessian(loglik, z, method.args = list(d = 1e-2, r = 5)), grad(loglik, z, method.args = list(eps = 1e-3, d = 1e-2, r = 5)))
    stopifnot(loglik(z) >= loglik(c(1, 1, 1)), max(abs(grad(loglik, z, method.args = list(d = 1e-2, r = 5)))) < 1e-7)
    f <- at(z)
  }
  g <- rma.mv(yi, V, mods = ~ 0 + o, data = d, method = method)
  list(random = summary_of(f), common = summary_of(g))
}
berkey <- dat.berkey1998; Vb <- vcalc(vi = 1, cluster = author, rvars = c(v1i, v2i), data = berkey)
ishak <- reshape(dat.ishak2007, direction = "long", idvar = "study", v.names = c("yi", "vi"), timevar = "time",
                 varying = list(c("y1i", "y2i", "y3i", "y4i"), c("v1i", "v2i", "v3i", "v4i")))
ishak <- ishak[order(ishak$study, ishak$time), ]; ishak <- ishak[!is.na(ishak$yi), ]
Vi <- vcalc(vi, cluster = study, time1 = time, phi = 0.97, data = ishak)
multivariate <- list()
for (method in c("REML", "ML")) for (struct in c("UN", "DIAG")) {
  multivariate[[length(multivariate) + 1]] <- c(list(data = "berkey1998", method = method, struct = struct),
    pooled(berkey, Vb, "author", "outcome", c("PD", "AL"), struct, method))
  multivariate[[length(multivariate) + 1]] <- c(list(data = "ishak2007", method = method, struct = struct),
    pooled(ishak, Vi, "study", "time", 1:4, struct, method))
}
# Covariances of few parameters. BFGS stops on the likelihood's last digits, where the parameters still move: Newton's method climbs on
# from there on the logarithms of the variances and a correlation inside (-1, 1), which at the edge rma.mv cannot leave (kept as it stops).
patterned <- function(data, d, V, id, outcome, places, struct, method, own = FALSE) {
  d$o <- factor(d[[outcome]], levels = if (data == "berkey1998") c("PD", "AL") else 1:4); d$t <- d[[id]]; d$time <- places[as.integer(d$o)]; if (own) V <- diag(diag(V))
  terms <- switch(struct, INTERCEPT = ~ 1 | t, AR = , HAR = , CAR = ~ time | t, ~ o | t)
  fit <- function(...) { args <- list(d$yi, V, mods = ~ 0 + o, random = terms, data = d, method = method, control = tight, ...)
    if (struct != "INTERCEPT") args$struct <- struct; do.call(rma.mv, args) }
  f <- fit(); p <- length(places); m <- length(f$tau2); inner <- abs(f$rho) < 0.999
  if (struct == "INTERCEPT") { at <- function(z) fit(sigma2 = exp(z)); z <- log(f$sigma2)
  } else if (struct == "ID" || !inner) { at <- function(z) fit(tau2 = exp(z), rho = f$rho); z <- log(f$tau2)
    if (struct == "ID") at <- function(z) fit(tau2 = exp(z))
  } else { at <- function(z) fit(tau2 = exp(z[1:m]), rho = tanh(z[m + 1])); z <- c(log(f$tau2), atanh(f$rho)) }
  loglik <- function(z) as.numeric(logLik(at(z))); rough <- f; steps <- list(d = 1e-2, eps = 1e-3, r = 5)
  for (i in 1:5) z <- z - as.numeric(solve(hessian(loglik, z, method.args = steps), grad(loglik, z, method.args = steps)))
  stopifnot(loglik(z) >= as.numeric(logLik(rough)) - 1e-10, max(abs(grad(loglik, z, method.args = steps))) < 1e-7); f <- at(z)
  G <- if (struct == "INTERCEPT") matrix(f$sigma2, p, p) else f$G
  found <- list(data = data, own = own, method = method, struct = struct, times = I(places), estimate = I(as.numeric(f$b)), vcov = f$vb, tau2 = G, loglik = as.numeric(logLik(f)))
  if (struct %in% c("INTERCEPT", "ID")) found else c(found, list(rho = f$rho))
}
structures <- list()
for (method in c("REML", "ML")) {
  for (struct in c("INTERCEPT", "ID", "CS", "HCS", "AR", "HAR", "CAR")) structures[[length(structures) + 1]] <- patterned("ishak2007", ishak, Vi, "study", "time", 1:4, struct, method)
  for (struct in c("INTERCEPT", "ID", "HAR")) structures[[length(structures) + 1]] <- patterned("ishak2007", ishak, Vi, "study", "time", 1:4, struct, method, TRUE)
  structures[[length(structures) + 1]] <- patterned("ishak2007", ishak, Vi, "study", "time", c(3, 6, 12, 24) / 3, "CAR", method)
  for (struct in c("ID", "CS", "HCS")) structures[[length(structures) + 1]] <- patterned("berkey1998", berkey, Vb, "author", "outcome", 1:2, struct, method)
}
# Effects by subgroup level; some trials lack a level, one has a single level.
set.seed(20231)
subgroups <- function(k, L, sd_treat, sd_inter) {
  d <- do.call(rbind, lapply(1:k, function(i) {
    vi <- runif(L, 0.5, 4); u <- rnorm(1, -8, sd_treat)
    data.frame(trial = i, level = 1:L, vi = vi, yi = u + 1.5 * (1:L - 1) + rnorm(L, 0, sd_inter) + rnorm(L, 0, sqrt(vi))) }))
  d$yi[d$level == 1 & d$trial %in% 3] <- NA; d$yi[d$level == L & d$trial %in% c(4, 5)] <- NA; d$yi[d$level > 1 & d$trial == 6] <- NA
  d[!is.na(d$yi), ]
}
floating <- function(name, d, L, heterogeneity) {
  V <- diag(d$vi); names <- 1:L
  contrast <- do.call(rbind, lapply(rows(d, "trial"), function(r) { if (length(r) < 2) return(NULL)
    M <- matrix(0, length(r) - 1, nrow(d)); for (m in 2:length(r)) { M[m - 1, r[1]] <- -1; M[m - 1, r[m]] <- 1 }; M }))
  X <- (contrast %*% outer(d$level, names, "=="))[, -1, drop = FALSE]
  yc <- as.numeric(contrast %*% d$yi); Vc <- contrast %*% V %*% t(contrast)
  trial <- apply(contrast, 1, function(m) d$trial[m == 1])
  # Step 1: random effects act through the same design as the mean, y_i = X_i (gamma + u_i): REML by hand, then GLS.
  deviance1 <- function(theta) { G <- tcrossprod(lower(theta, L - 1)); W <- solve(Vc + (outer(trial, trial, "==")) * (X %*% G %*% t(X)))
    info <- t(X) %*% W %*% X; b <- solve(info, t(X) %*% W %*% yc); e <- yc - X %*% b
    list(dev = -as.numeric(determinant(W)$modulus) + as.numeric(determinant(info)$modulus) + as.numeric(t(e) %*% W %*% e), b = b, V = solve(info), G = G) }
  step1 <- if (heterogeneity == "unstructured") best(deviance1, L * (L - 1) / 2) else deviance1(rep(0, L * (L - 1) / 2))
  gamma <- as.numeric(step1$b); B <- outer(d$level, names, "==") * 1; Z <- rbind(0, diag(L - 1))
  ys <- d$yi - as.numeric(B %*% Z %*% gamma); one <- rep(1, nrow(d)); U <- B %*% cbind(Z, 1)
  root <- if (max(abs(step1$G)) > 0) t(chol(step1$G + 1e-13 * diag(L - 1))) else matrix(0, L - 1, L - 1)
  deviance2 <- function(theta) { R <- matrix(0, L, L); R[1:(L - 1), 1:(L - 1)] <- root; R[L, ] <- theta; G <- tcrossprod(R)
    W <- solve(V + outer(d$trial, d$trial, "==") * (U %*% G %*% t(U))); info <- sum(W); b <- sum(W %*% ys) / info; e <- ys - b
    list(dev = -as.numeric(determinant(W)$modulus) + log(info) + as.numeric(t(e) %*% W %*% e), b = b, V = 1 / info, G = G, W = W) }
  step2 <- switch(heterogeneity, unstructured = best(deviance2, L),
                  treatment = { f <- optimize(function(s) deviance2(c(rep(0, L - 1), s))$dev, c(0, 20), tol = 1e-12); deviance2(c(rep(0, L - 1), f$minimum)) },
                  common = deviance2(rep(0, L)))
  A <- Z - step2$V * matrix(1, L, 1) %*% (t(one) %*% step2$W %*% B %*% Z)
  list(data = name, heterogeneity = heterogeneity, n_levels = L, gamma = I(gamma), gamma_vcov = step1$V, tau2 = step1$G,
       estimate = I(as.numeric(step2$b + Z %*% gamma)), vcov = step2$V * matrix(1, L, L) + A %*% step1$V %*% t(A), overall_se = sqrt(step2$V))
}
lower <- function(theta, n) { R <- matrix(0, n, n); R[lower.tri(R, diag = TRUE)] <- theta; R }
best <- function(f, n) { starts <- list(rep(0.3, n), rep(1, n), rep(c(1, -0.5), length.out = n), rep(0.05, n))
  fits <- lapply(starts, function(s) { o <- optim(s, function(t) f(t)$dev, method = "BFGS", control = list(reltol = 1e-15, maxit = 2000))
    optim(o$par, function(t) f(t)$dev, control = list(reltol = 1e-15, maxit = 5000)) })
  f(fits[[which.min(sapply(fits, `[[`, "value"))]]$par) }
sets <- list(two = subgroups(9, 2, 3, 1.5), three = subgroups(12, 3, 2, 2), homogeneous = subgroups(8, 3, 0, 0))
# Tocilizumab in COVID-19 by use of corticosteroids, the first example of Godolphin 2023: deaths and participants by arm as listed in the
# public Example5.md of the Stata packages metan and metafloat (UCL, GitHub), from Shankar-Hari et al. 2021 (JAMA, supplement 2).
# Log odds ratios, 1/2 added to every cell where one is 0; a level without events or without an arm is missing. Results computed here.
covid <- data.frame(trial = rep(1:15, each = 2), level = rep(1:2, 15),
  n0 = c(0, 11, 81, 1, 55, 12, 39, 4, 30, 42, 103, 41, 6, 2, 16, 112, 2, 15, 1, 26, 11, 167, 367, 1721, 129, 217, 29, 181, 30, 34),
  e0 = c(0, 2, 4, 0, 5, 3, 8, 2, 4, 3, 16, 12, 1, 1, 0, 11, 0, 8, 0, 2, 2, 32, 127, 600, 41, 73, 2, 39, 1, 5),
  n1 = c(1, 9, 158, 3, 53, 10, 41, 8, 33, 48, 238, 56, 13, 6, 49, 200, 6, 31, 1, 21, 11, 159, 357, 1664, 127, 214, 72, 358, 34, 31),
  e1 = c(0, 0, 9, 0, 6, 1, 4, 4, 3, 6, 44, 14, 0, 0, 2, 24, 1, 10, 0, 2, 1, 20, 139, 482, 30, 53, 9, 69, 6, 8))
covid <- subset(covid, n0 > 0 & n1 > 0 & e0 + e1 > 0)
odds <- escalc("OR", ai = e1, n1i = n1, ci = e0, n2i = n0, data = covid); covid$yi <- as.numeric(odds$yi); covid$vi <- as.numeric(odds$vi)
sets$tocilizumab <- covid
levels_of <- c(two = 2, three = 3, homogeneous = 3, tocilizumab = 2)
cases <- list()
for (name in names(sets)) for (h in c("unstructured", "treatment", "common")) cases[[length(cases) + 1]] <- floating(name, sets[[name]], levels_of[[name]], h)
data <- c(list(berkey1998 = as_trials(berkey, Vb, "author", "outcome", c("PD", "AL")), ishak2007 = as_trials(ishak, Vi, "study", "time", 1:4)),
          lapply(sets, function(d) as_trials(d, diag(d$vi), "trial", "level", sort(unique(d$level)))))
cat(toJSON(list(versions = list(R = R.version.string, metafor = as.character(packageVersion("metafor"))), data = data,
                multivariate = multivariate, structures = structures, floating = cases), auto_unbox = TRUE, digits = I(17)))
