# Reference values for interactions and meta_regression, on two_stage_ipd.csv:  Rscript two_stage_interactions.R
# lme4 and lmerTest for the one-stage models, lm per trial and metafor for the second stage.
suppressMessages({library(lmerTest); library(metafor); library(jsonlite)})
d <- read.csv("two_stage_ipd.csv", stringsAsFactors = FALSE)
cases <- list(
  list(id = "age adjusted", modifier = "age", outcome = "pain", baseline = "baseline", adjust = "sex", intercepts = "random", inference = "satterthwaite"),
  list(id = "sex unadjusted, Kenward-Roger", modifier = "sex", outcome = "pain", baseline = NULL, adjust = NULL, intercepts = "random", inference = "kenward-roger"),
  list(id = "category, fixed intercepts", modifier = "category", outcome = "pain", baseline = "baseline", adjust = NULL, intercepts = "fixed", inference = "satterthwaite"),
  list(id = "age, binary outcome", modifier = "age", outcome = "recovered", baseline = NULL, adjust = NULL, intercepts = "random", inference = "normal"))
centre <- function(x, g) x - ave(x, g)
prepare <- function(case) {
  s <- d[complete.cases(d[c(case$outcome, "treat", "trial", case$modifier, case$baseline, case$adjust)]), ]
  x <- if (case$modifier == "category") c("mid", "high") else case$modifier
  if (case$modifier == "category") for (level in x) s[[level]] <- as.numeric(s$category == level)
  for (name in c(case$baseline, case$adjust, x)) { s[[paste0(name, "_c")]] <- centre(s[[name]], s$trial); s[[paste0(name, "_m")]] <- ave(s[[name]], s$trial) - mean(s[[name]])  # a shift that the product does not feel, kinder to glmer
    s[[paste0(name, "_w")]] <- s[[name]] - mean(s[[name]]) }
  list(data = s, x = x)
}
one_stage <- function(case, p, kind) {
  suffix <- if (kind == "amalgamated") "_w" else "_c"
  terms <- c(sprintf("%s_c", c(case$baseline, case$adjust)), paste0(p$x, suffix))
  fixed <- c("treat", terms, paste0("treat:", p$x, suffix))
  if (kind == "across") fixed <- c(fixed, paste0("treat:", p$x, "_m"), if (case$intercepts == "random") paste0(p$x, "_m"))
  random <- c(if (case$intercepts == "random") "(1 | trial)", sprintf("(0 + %s | trial)", c("treat", terms)))
  f <- as.formula(paste(case$outcome, "~", if (case$intercepts == "fixed") "0 + trial +", paste(c(fixed, random), collapse = " + ")))
  if (case$outcome == "recovered") {
    m <- glmer(f, p$data, family = binomial, control = glmerControl(optimizer = "bobyqa", tolPwrss = 1e-13, optCtrl = list(rhoend = 1e-9, maxfun = 1e5)))
    s <- cbind(coef(summary(m))[, 1:2], df = Inf)
  } else {
    m <- lmerTest::lmer(f, p$data, control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e5)))
    s <- coef(summary(m, ddf = if (case$inference == "kenward-roger") "Kenward-Roger" else "Satterthwaite"))[, 1:3]
  }
  want <- switch(kind, within = paste0("treat:", p$x, "_c"), across = paste0("treat:", p$x, "_m"), amalgamated = paste0("treat:", p$x, "_w"))
  rows <- sapply(want, function(w) { r <- rownames(s)[sapply(strsplit(rownames(s), ":"), setequal, strsplit(w, ":")[[1]])]; r })
  list(stage = "one", kind = kind, estimate = I(unname(s[rows, 1])), se = I(unname(s[rows, 2])),
       df = I(ifelse(is.finite(s[rows, 3]), s[rows, 3], -1)), k = length(unique(p$data$trial)), n = nrow(p$data))
}
two_stage <- function(case, p) {
  terms <- c(case$baseline, case$adjust, p$x); out <- list()
  usable <- Filter(function(s) length(unique(s$treat)) == 2, split(p$data, p$data$trial))
  drop <- function(s, names) names[sapply(names, function(n) length(unique(s[[n]])) > 1)]
  fit <- function(s, right) { f <- as.formula(paste(case$outcome, "~", paste(right, collapse = " + "))); lm(f, s) }
  e <- t(sapply(usable, function(s) coef(summary(fit(s, c("treat", sprintf("%s_c", drop(s, terms))))))["treat", 1:2]))
  means <- sapply(p$x, function(x) sapply(usable, function(s) mean(s[[x]])))
  m <- rma(e[, 1], sei = e[, 2], mods = means, test = "knha", control = list(threshold = 1e-12, maxiter = 1e4)); i <- -1
  out[[1]] <- list(stage = "two", kind = "across", estimate = I(as.numeric(m$b)[i]), se = I(m$se[i]), df = I(rep(m$ddf, length(p$x))), k = nrow(e),
                   n = sum(sapply(usable, nrow)), ci_low = I(m$ci.lb[i]), ci_high = I(m$ci.ub[i]), p = I(m$pval[i]), tau2 = m$tau2,
                   yi = I(e[, 1]), vi = I(e[, 2]^2), moderators = means)
  if (length(p$x) == 1) {
    usable <- Filter(function(s) length(unique(s[[p$x]])) > 1, usable)
    e <- t(sapply(usable, function(s) { b <- coef(summary(fit(s, c("treat", sprintf("%s_c", drop(s, terms)), paste0("treat:", p$x, "_c"))))); b[grep(":", rownames(b)), 1:2] }))
    m <- rma(e[, 1], sei = e[, 2], test = "knha", control = list(threshold = 1e-12, maxiter = 1e4))
    out[[2]] <- list(stage = "two", kind = "within", estimate = I(as.numeric(m$b)), se = I(m$se), df = I(m$ddf), k = nrow(e), n = sum(sapply(usable, nrow)))
  }
  out
}
results <- lapply(cases, function(case) { p <- prepare(case)
  rows <- lapply(c("within", "across", "amalgamated"), function(kind) one_stage(case, p, kind))
  if (case$outcome == "pain") rows <- c(rows, two_stage(case, p))
  c(case[!sapply(case, is.null)], list(rows = rows)) })
write(toJSON(list(versions = list(R = R.version.string, lme4 = as.character(packageVersion("lme4")), lmerTest = as.character(packageVersion("lmerTest")),
  pbkrtest = as.character(packageVersion("pbkrtest")), metafor = as.character(packageVersion("metafor"))), cases = results), auto_unbox = TRUE, digits = I(17)), "two_stage_interactions.json")
