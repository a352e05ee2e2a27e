# Reference fits of the mixed models of mixed_data.csv and mixed_demo.csv -> mixed_{linear,by_group,logistic,profile,demo_*}.json.
# Usage, from tests/reference/:  Rscript mixed_fits.R linear|by_group|logistic|profile|demo
# lme4's defaults stop short of the optimum, so: columns at unit RMS, tight tolerances, several optimisers
# and starts, the lowest deviance kept. Coefficients are reported on the original columns.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(nlme); library(jsonlite)})
all <- rbind(read.csv("mixed_data.csv"), read.csv("mixed_demo.csv")); what <- commandArgs(TRUE)[1]
versions <- c(list(R = R.version.string), sapply(c("lme4", "lmerTest", "pbkrtest", "nlme"),
              function(p) as.character(packageVersion(p)), simplify = FALSE))
kind <- function(id) sub("[0-9]+$", "", id)
rms <- function(v) if (all(v == 0)) 1 else sqrt(mean(v^2))

# Scaled copy of a design; x of the "scales" designs is centred too (its intercept is then not compared).
prepare <- function(id) {
  d <- all[all$design == id, ]; d$trial <- factor(d$trial); s <- c()
  for (v in c("treat", "x", "w")) {
    if (kind(id) == "scales" && v == "x") d[[v]] <- d[[v]] - mean(d[[v]])
    s[v] <- rms(d[[v]]); d[[v]] <- d[[v]] / s[v] }
  list(d = d, s = s)
}
unit <- function(terms, s) vapply(strsplit(as.character(terms), ":"), function(f) prod(s[intersect(f, names(s))]), 0)
rformula <- function(outcome, fixed, random, cov, own) {
  rhs <- if (own) c("0", "trial", fixed) else c("1", fixed)
  slopes <- setdiff(random, "1"); one <- "1" %in% random
  bars <- if (cov == "unstructured") sprintf("(%s|trial)", paste(c(if (one) "1" else "0", slopes), collapse = "+"))
          else c(if (one) "(1|trial)", sprintf("(0+%s|trial)", slopes)[seq_along(slopes)])
  as.formula(paste(outcome, "~", paste(c(rhs, bars), collapse = " + ")))
}
quiet <- function(x) suppressWarnings(suppressMessages(x))
loose <- list(check.nobs.vs.nRE = "ignore", check.nobs.vs.nlev = "ignore", check.nlev.gtr.1 = "ignore",
              check.conv.singular = "ignore", check.conv.grad = "ignore", check.conv.hess = "ignore")

best_theta <- function(devfun, lower, start) {
  best <- list(value = Inf)
  for (f in c(1, .3, .05)) { t0 <- ifelse(lower == 0, f, 0)
    for (how in list(
      function(t) { o <- minqa::bobyqa(t, devfun, lower, control = list(rhoend = 1e-10, maxfun = 1e5)); list(par = o$par, value = o$fval) },
      function(t) { o <- nlminb(t, devfun, lower = lower, control = list(rel.tol = 1e-15, x.tol = 1e-12, iter.max = 2000, eval.max = 5000)); list(par = o$par, value = o$objective) })) {
      o <- try(quiet(how(t0)), silent = TRUE)
      if (!inherits(o, "try-error") && o$value < best$value) best <- o } }
  o <- try(quiet(minqa::bobyqa(best$par, devfun, lower, control = list(rhobeg = 1e-3, rhoend = 1e-12, maxfun = 1e5))), silent = TRUE)
  if (!inherits(o, "try-error") && o$fval < best$value) best <- list(par = o$par, value = o$fval)
  best$par
}

linear <- function(id, fixed, random, cov = "diagonal", own = FALSE, reml = TRUE) {
  p <- prepare(id); f <- rformula("y", fixed, random, cov, own)
  parts <- quiet(lFormula(f, p$d, REML = reml, control = do.call(lmerControl, loose)))
  devfun <- do.call(mkLmerDevfun, parts); lower <- environment(devfun)$lower
  theta <- best_theta(devfun, lower)
  theta[lower == 0 & abs(theta) < 1e-7] <- 0
  ctl <- do.call(lmerControl, c(loose, list(optimizer = "bobyqa", boundary.tol = 0, optCtrl = list(rhobeg = 1e-7, rhoend = 1e-12))))
  m <- quiet(lmerTest::lmer(f, p$d, REML = reml, start = list(theta = theta), control = ctl))
  s <- quiet(summary(m))$coefficients
  keep <- setdiff(rownames(s), c(grep("^trial", rownames(s), value = TRUE), if (kind(id) == "scales") "(Intercept)"))
  u <- unit(keep, p$s)
  shift <- if (reml) 2 * sum(log(unit(setdiff(names(fixef(m)), "(Intercept)"), p$s))) else 0
  vc <- as.data.frame(VarCorr(m)); sdv <- vc[is.na(vc$var2) & vc$grp != "Residual", ]
  terms <- sub("[(]Intercept[)]", "1", sdv$var1)
  out <- list(id = id, formula = paste("y ~", paste(c("1", fixed), collapse = " + ")), random = I(random), covariance = cov,
    intercepts = if (own) "fixed" else "random", reml = reml, deviance = -2 * as.numeric(logLik(m)) + shift,
    terms = I(sub("[(]Intercept[)]", "Intercept", keep)), estimate = I(unname(s[keep, 1] / u)), se = I(unname(s[keep, 2] / u)),
    df = I(unname(s[keep, "df"])), sigma = sigma(m), sd = as.list(setNames(sdv$sdcor / unit(terms, p$s), terms)),
    theta = I(getME(m, "theta")), singular = isSingular(m, tol = 1e-4))
  if (reml) { kr <- try(quiet(summary(m, ddf = "Kenward-Roger")$coefficients), silent = TRUE)
    if (!inherits(kr, "try-error") && "df" %in% colnames(kr)) {
      out$kr_df <- I(unname(kr[keep, "df"])); out$kr_se <- I(unname(kr[keep, 2] / u)) } }
  # The objective at parameters that are no optimum: theta doubled plus 0.1, with its own profiled sigma.
  at <- ifelse(lower == 0, 2 * theta + .1, theta + .05); dev <- devfun(at); pp <- environment(devfun)$pp
  n <- nrow(p$d); nu <- if (reml) n - length(fixef(m)) else n
  at_sigma <- sqrt((environment(devfun)$resp$wrss() + pp$sqrL(1)) / nu)
  su <- unit(unlist(lapply(parts$reTrms$cnms, function(x) sub("[(]Intercept[)]", "1", x))), p$s)
  L <- t(as.matrix(pp$Lambdat))[seq_along(random), seq_along(random), drop = FALSE]
  k <- nlevels(p$d$trial)
  if (cov == "diagonal") L <- diag(at, length(at))
  order <- match(random, unlist(lapply(parts$reTrms$cnms, function(x) sub("[(]Intercept[)]", "1", x))))
  C <- (L %*% t(L) / outer(su, su))[order, order, drop = FALSE]
  c(out, list(at_covariance = C * at_sigma^2, at_sigma = at_sigma, at_deviance = dev + shift))
}

by_group <- function(id, fixed, random, own = FALSE) {
  p <- prepare(id); d <- p$d; slopes <- paste(c(if ("1" %in% random) "1" else "0", setdiff(random, "1")), collapse = "+")
  pd <- if (length(random) == 1) pdSymm(as.formula(paste("~", slopes))) else pdDiag(as.formula(paste("~", slopes)))
  f <- as.formula(paste("y ~", paste(c(if (own) c("0", "trial") else "1", fixed), collapse = "+")))
  best <- NULL
  for (opt in c("nlminb", "optim")) {
    m <- try(quiet(lme(f, d, random = list(trial = pd), weights = varIdent(form = ~1 | trial), method = "REML",
      control = lmeControl(opt = opt, maxIter = 1000, msMaxIter = 1000, msMaxEval = 5000, niterEM = 100, tolerance = 1e-10,
                           msTol = 1e-12, returnObject = TRUE, optimMethod = "BFGS"))), silent = TRUE)
    if (!inherits(m, "try-error") && (is.null(best) || logLik(m) > logLik(best))) best <- m }
  m <- best; t <- summary(m)$tTable
  keep <- setdiff(rownames(t), grep("^trial", rownames(t), value = TRUE)); u <- unit(keep, p$s)
  shift <- 2 * sum(log(unit(setdiff(rownames(t), "(Intercept)"), p$s)))
  D <- as.matrix(getVarCov(m)); nm <- sub("[(]Intercept[)]", "1", rownames(D)); su <- unit(nm, p$s)
  sig <- m$sigma * coef(m$modelStruct$varStruct, unconstrained = FALSE, allCoef = TRUE)[levels(d$trial)]
  list(id = id, formula = paste("y ~", paste(c("1", fixed), collapse = " + ")), random = I(random), covariance = "diagonal",
    intercepts = if (own) "fixed" else "random", deviance = -2 * as.numeric(logLik(m)) + shift, terms = I(sub("[(]Intercept[)]", "Intercept", keep)),
    estimate = I(unname(t[keep, 1] / u)), se = I(unname(t[keep, 2] / u)), trials = I(levels(d$trial)), sigma = I(unname(sig)),
    at_covariance = unname((D / outer(su, su))[match(random, nm), match(random, nm), drop = FALSE]))
}

logistic <- function(id, fixed, random, cov = "diagonal", own = FALSE, nagq = 1) {
  p <- prepare(id); f <- rformula("e", fixed, random, cov, own)
  ctl <- function(...) do.call(glmerControl, c(loose, list(tolPwrss = 1e-13, ...)))
  best <- NULL
  for (o in c("bobyqa", "Nelder_Mead", "nlminbwrap")) {
    opt <- switch(o, bobyqa = list(rhoend = 1e-10, maxfun = 1e5), Nelder_Mead = list(FtolAbs = 1e-12, FtolRel = 1e-15, XtolRel = 1e-10, maxfun = 1e5),
                  nlminbwrap = list(rel.tol = 1e-14, x.tol = 1e-11, iter.max = 1000, eval.max = 5000))
    m <- try(quiet(glmer(f, p$d, binomial, nAGQ = nagq, control = ctl(optimizer = o, optCtrl = opt))), silent = TRUE)
    if (!inherits(m, "try-error") && (is.null(best) || logLik(m) > logLik(best))) best <- m }
  m <- best; s <- quiet(summary(m))$coefficients
  keep <- setdiff(rownames(s), grep("^trial", rownames(s), value = TRUE)); u <- unit(keep, p$s)
  vc <- as.data.frame(VarCorr(m)); sdv <- vc[is.na(vc$var2), ]; terms <- sub("[(]Intercept[)]", "1", sdv$var1)
  out <- list(id = id, formula = paste("e ~", paste(c("1", fixed), collapse = " + ")), random = I(random), covariance = cov,
    intercepts = if (own) "fixed" else "random", quadrature = nagq, deviance = -2 * as.numeric(logLik(m)),
    terms = I(sub("[(]Intercept[)]", "Intercept", keep)), estimate = I(unname(s[keep, 1] / u)), se = I(unname(s[keep, 2] / u)),
    sd = as.list(setNames(sdv$sdcor / unit(terms, p$s), terms)), singular = isSingular(m, tol = 1e-4))
  if (!own && cov == "diagonal") { devfun <- quiet(glmer(f, p$d, binomial, nAGQ = nagq, devFunOnly = TRUE, control = ctl()))
    at <- c(getME(m, "theta") + .3, fixef(m) + .1)
    ru <- unit(sub("[(]Intercept[)]", "1", unlist(getME(m, "cnms"))), p$s)
    fu <- unit(names(fixef(m)), p$s)
    out$at_sd <- I(unname(at[seq_along(ru)] / ru)[match(random, sub("[(]Intercept[)]", "1", unlist(getME(m, "cnms"))))])
    out$at_beta <- I(unname(at[-seq_along(ru)] / fu)); out$at_deviance <- quiet(devfun(unname(at))) }
  out
}

ids <- unique(all$design[all$design != "demo"]); run <- function(f, ...) { r <- try(f(...), silent = TRUE)
  if (inherits(r, "try-error")) cat("FAILED", list(...)[[1]], r) else cat(r$id, r$formula, "|", r$random, r$covariance, sprintf("%.6f", r$deviance), "\n"); r }
save <- function(cases, file) { cases <- Filter(Negate(function(r) inherits(r, "try-error")), cases)
  write_json(list(versions = versions, cases = cases), file, auto_unbox = TRUE, digits = 12); cat(length(cases), file, file.size(file), "bytes\n") }

if (what == "linear") {
  cases <- list(); add <- function(...) cases[[length(cases) + 1]] <<- run(linear, ...)
  for (id in grep("[0-9]$", setdiff(ids, "dyestuff2"), value = TRUE)) switch(kind(id),
    plain = { add(id, c("treat", "x"), c("1", "treat")); add(id, c("treat", "x"), c("1", "treat"), "unstructured"); add(id, c("treat", "x"), c("1", "treat"), reml = FALSE) },
    zero_treat = , zero_all = { add(id, c("treat", "x"), c("1", "treat", "x")); add(id, c("treat", "x"), c("1", "treat"), "unstructured") },
    collinear = , constant = add(id, c("treat", "x", "w"), c("1", "treat")),
    scales = add(id, c("treat", "x", "w"), c("1", "treat")),
    few = add(id, c("treat", "x"), c("1", "treat")),
    fixed = { add(id, c("treat", "x", "treat:x"), c("treat", "x"), own = TRUE); add(id, c("treat", "x"), "treat", own = TRUE, reml = FALSE) },
    full = add(id, c("treat", "x", "treat:x"), c("1", "treat", "x"), "unstructured"),
    add(id, c("treat", "x"), c("1", "treat", "x")))
  for (r in c(TRUE, FALSE)) for (cv in c("diagonal", "unstructured")) add("sleepstudy", "x", c("1", "x"), cv, reml = r)
  for (id in c("dyestuff", "dyestuff2", "penicillin")) add(id, character(), "1")
  add("opt", c("treat", "x"), c("1", "treat")); add("opt", c("treat", "x", "w", "treat:x"), c("1", "treat", "x")); add("opt", c("treat", "x"), c("treat"), own = TRUE)
  save(cases, "mixed_linear.json")
}
if (what == "by_group") {
  cases <- lapply(c(grep("^(hetero|plain)", ids, value = TRUE), "opt"), function(id) run(by_group, id, c("treat", "x"), c("1", "treat")))
  cases <- c(cases, lapply(grep("^hetero", ids, value = TRUE), function(id) run(by_group, id, c("treat", "x"), "treat", own = TRUE)))
  save(cases, "mixed_by_group.json")
}
if (what == "logistic") {
  cases <- list(); add <- function(...) cases[[length(cases) + 1]] <<- run(logistic, ...)
  for (q in c(1, 7, 25)) { add("cbpp", c("x", "treat", "w"), "1", nagq = q); add("opt", c("treat", "x"), "1", nagq = q)
    for (id in grep("^(plain|full)", ids, value = TRUE)) add(id, c("treat", "x"), "1", nagq = q) }
  for (id in grep("^(full|zero_treat|unbalanced|one_arm)", ids, value = TRUE)) add(id, c("treat", "x"), c("1", "treat"))
  for (id in grep("^full", ids, value = TRUE)) { add(id, c("treat", "x"), c("1", "treat"), "unstructured"); add(id, c("treat", "x"), "treat", own = TRUE) }
  save(cases, "mixed_logistic.json")
}
if (what == "profile") {
  own <- function(f, id, family, cov, random, formula) list(id = id, family = family, covariance = cov, random = I(random), formula = formula,
    limits = unname({ci <- quiet(confint(f, oldNames = FALSE)); ci[grep("^sd_", rownames(ci)), , drop = FALSE]}))
  s <- prepare("sleepstudy")$d; s$x <- all$x[all$design == "sleepstudy"]; b <- prepare("cbpp")$d
  save(list(
    own(lme4::lmer(y ~ x + (1 | trial) + (0 + x | trial), s, REML = FALSE), "sleepstudy", "gaussian", "diagonal", c("1", "x"), "y ~ x"),
    own(lme4::lmer(y ~ x + (1 + x | trial), s, REML = FALSE), "sleepstudy", "gaussian", "unstructured", c("1", "x"), "y ~ x"),
    own(glmer(e ~ 1 + (1 | trial), b, binomial, control = glmerControl(tolPwrss = 1e-10)), "cbpp", "binomial", "diagonal", "1", "e ~ 1")), "mixed_profile.json")
}
if (what == "demo") {
  four <- c("1", "treat", "x", "w"); mod <- c("treat", "x", "w", "treat:w")
  save(list(run(linear, "demo", c("treat", "x"), c("1", "treat", "x")), run(linear, "demo", mod, four),
            run(linear, "demo", c("treat", "x"), c("treat", "x"), own = TRUE),
            run(linear, "demo", c("treat", "x"), c("1", "treat"), "unstructured", reml = FALSE)), "mixed_demo_linear.json")
  save(c(list(run(by_group, "demo", c("treat", "x"), c("1", "treat")))), "mixed_demo_by_group.json")
  save(list(run(logistic, "demo", c("treat", "x"), "1"), run(logistic, "demo", c("treat", "x"), "1", nagq = 7),
            run(logistic, "demo", c("treat", "x"), c("1", "treat")), run(logistic, "demo", mod, four)), "mixed_demo_logistic.json")
}
