# Reference values for pool_multivariate with a design of the mean (multivariate meta-regression), from rma.mv:
# Rscript pooling_mean_designs.R > pooling_mean_designs.json
# rma.mv stops early where T has a correlation; Newton's method climbs on from there on its own likelihood, as in pooling_multivariate.R.
suppressMessages({library(metafor); library(numDeriv); library(jsonlite)})
tight <- list(optimizer = "BFGS", reltol = 1e-15, maxit = 20000)
sets <- list(); cases <- list()
b <- dat.berkey1998; b$o <- factor(b$outcome, levels = c("PD", "AL")); b$t <- b$trial; b$x <- b$year - 1983; V <- vcalc(vi = 1, cluster = author, rvars = c(v1i, v2i), data = b)
sets$berkey1998 <- list(d = b, V = V)
k <- dat.kalaian1996; k$o <- factor(k$outcome); k$t <- k$study; k$x <- log(k$hrs); k <- k[!is.na(k$hrs), ]; V <- vcalc(vi, cluster = study, rho = 0.66, obs = outcome, data = k)
sets$kalaian1996 <- list(d = k, V = V)
for (name in names(sets)) for (method in c("REML", "ML")) for (struct in c("UN", "DIAG", "CS")) { d <- sets[[name]]$d; V <- sets[[name]]$V
  f <- rma.mv(yi, V, mods = ~ 0 + o + o:x, random = ~ o | t, struct = struct, data = d, method = method, control = tight)
  start <- c(f$tau2, if (struct != "DIAG") f$rho); n <- length(f$tau2)
  inner <- all(start[seq_len(n)] > 1e-6) && (struct == "DIAG" || abs(f$rho) < 0.99)
  if (inner) {
    at <- function(z) { args <- list(d$yi, V, mods = ~ 0 + o + o:x, random = ~ o | t, struct = struct, data = d, method = method, tau2 = start[seq_len(n)] * z[seq_len(n)]); if (struct != "DIAG") args$rho <- f$rho * z[n + 1]; do.call(rma.mv, args) }
    loglik <- function(z) as.numeric(logLik(at(z))); z <- rep(1, length(start))
    for (i in 1:6) z <- z - solve(hessian(loglik, z, method.args = list(d = 1e-2, r = 5)), grad(loglik, z, method.args = list(eps = 1e-3, d = 1e-2, r = 5)))
    stopifnot(loglik(z) >= loglik(rep(1, length(start))) - 1e-9); f <- at(z) }
  cases[[length(cases) + 1]] <- list(data = name, method = method, struct = struct, inner = inner, estimate = as.numeric(f$b), vcov = unname(f$vb), tau2 = I(as.numeric(f$tau2)), rho = if (struct == "DIAG") 0 else f$rho, q = f$QE, q_p = f$QEp, loglik = as.numeric(logLik(f))) }
data <- lapply(sets, function(s) lapply(unname(split(seq_len(nrow(s$d)), factor(s$d$t, levels = unique(s$d$t)))), function(r) list(y = I(as.numeric(s$d$yi[r])), S = s$V[r, r, drop = FALSE], level = I(as.integer(s$d$o[r]) - 1), x = I(as.numeric(s$d$x[r])))))
cat(toJSON(list(versions = list(R = R.version.string, metafor = as.character(packageVersion("metafor")), metadat = as.character(packageVersion("metadat"))), data = data, cases = cases), auto_unbox = TRUE, digits = I(13), na = "null"))
