# M-fluctuation tests and first splits of partykit's lmtree: Rscript subgroups_mob.R > subgroups_mob.json
# The offset stands for the random effects: lmtree with an offset is the inner step of glmertree.
suppressMessages({library(partykit); library(jsonlite)})
RNGversion("4.2.0"); set.seed(11)
n <- 400
d <- data.frame(t = rep(c(-.5, .5), n / 2), x = rnorm(n), score = sample(0:20, n, TRUE),
                work = factor(sample(c("full", "part", "none"), n, TRUE)),
                sex = factor(sample(c("f", "m"), n, TRUE)), o = rnorm(n))
d$y <- d$o + .3 * d$x + d$t * (1 + .9 * (d$x > .3) + .5 * (d$work == "none")) + rnorm(n)
case <- function(parm, which) {
  f <- as.formula(paste("y ~ t |", which))
  fit <- do.call(lmtree, list(f, data = d, offset = quote(o), parm = parm, maxdepth = 2, bonferroni = FALSE,
                              minsize = 40, alpha = 1))
  test <- sctest.modelparty(fit, node = 1)
  split <- split_node(node_party(fit)); name <- names(fit$data)[split$varid]
  list(parm = if (is.null(parm)) "all" else "treatment", covariate = which, statistic = test[1, 1], p = test[2, 1],
       breaks = split$breaks, index = split$index, levels = levels(d[[which]]))
}
cases <- unlist(lapply(list(NULL, 2), function(parm) lapply(c("x", "work", "sex"), function(w) case(parm, w))), recursive = FALSE)
grid <- expand.grid(x = c(4, 6, 8, 10, 14, 20, 30), k = 1:2, trim = c(.05, .1, .15))
# p of supLM as lmtree gives it: a covariate whose statistic is x, from the tables inside mob
beta <- partykit:::mob_beta_suplm
grid$p <- mapply(function(x, k, trim) {
  lambda <- ((1 - trim) / trim)^2; tau <- 1 / (1 + sqrt(lambda)); nb <- ncol(beta) - 1
  b <- beta[((k - 1) * 25 + 1):(k * 25), ]; u <- pmax(b[, 1:nb] %*% x^(0:(nb - 1)), 0)
  pp <- pchisq(u, b[, nb + 1], lower.tail = FALSE); a <- (.51 - tau) * 50; i <- floor(a)
  (i + 1 - a) * pp[i] + (a - i) * pp[i + 1] }, grid$x, grid$k, grid$trim)
cat(toJSON(list(versions = list(R = R.version.string, partykit = as.character(packageVersion("partykit"))),
                data = d, cases = cases, supLM = grid), digits = 12, auto_unbox = TRUE, null = "null"))
