# Reference values for subgroup_effects, on two_stage_ipd.csv:  Rscript two_stage_subgroups.R
# lmerTest and glmer for the uncentred form; lm and glm per trial for the effects by trial and level.
suppressMessages({library(lmerTest); library(jsonlite)})
d <- read.csv("two_stage_ipd.csv", stringsAsFactors = FALSE)
d$category <- factor(d$category, c("low", "mid", "high"))
per_trial <- function(s, outcome, covariates) {
  both <- names(which(rowSums(table(s$category, s$treat) > 0) == 2)); if (length(unique(s$treat)) < 2) return(NULL)
  for (level in both) s[[paste0("t_", level)]] <- s$treat * (s$category == level)
  f <- as.formula(paste(outcome, "~ 0 + category +", paste(c(paste0("t_", both), covariates), collapse = " + ")))
  s$category <- droplevels(s$category)
  b <- coef(summary(if (outcome == "pain") lm(f, s) else glm(f, s, family = binomial, control = glm.control(epsilon = 1e-14, maxit = 50))))
  if (outcome != "pain" && max(abs(b[, 1])) > 12) return(NULL)  # separated: Firth's estimate is checked elsewhere
  list(trial = s$trial[1], levels = I(both), estimate = I(unname(b[paste0("t_", both), 1])), se = I(unname(b[paste0("t_", both), 2])))
}
run <- function(outcome, baseline) {
  s <- d[complete.cases(d[c(outcome, "category", baseline)]), ]
  for (name in baseline) s[[paste0(name, "_c")]] <- s[[name]] - ave(s[[name]], s$trial)
  for (level in levels(s$category)) s[[level]] <- as.numeric(s$category == level)
  covariates <- sprintf("%s_c", baseline); random <- sprintf("(0 + %s | trial)", c("treat", covariates))
  f <- as.formula(paste(outcome, "~", paste(c("mid", "high", covariates, "treat:low", "treat:mid", "treat:high", "(1 | trial)", random), collapse = " + ")))
  if (outcome == "pain") {
    m <- lmer(f, s, control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e5))); b <- coef(summary(m))[, 1:3]
  } else {
    m <- glmer(f, s, family = binomial, control = glmerControl(optimizer = "bobyqa", tolPwrss = 1e-13, optCtrl = list(rhoend = 1e-9, maxfun = 1e5)))
    b <- cbind(coef(summary(m))[, 1:2], -1)
  }
  b <- b[sapply(c("low", "mid", "high"), function(l) grep(paste0("(treat:", l, "|", l, ":treat)"), rownames(b))), ]
  list(outcome = outcome, baseline = baseline, estimate = I(unname(b[, 1])), se = I(unname(b[, 2])), df = I(unname(b[, 3])),
       n_treated = I(as.integer(tapply(s$treat, s$category, sum))), n_control = I(as.integer(tapply(1 - s$treat, s$category, sum))),
       trials = unname(Filter(Negate(is.null), lapply(split(s, factor(s$trial, unique(s$trial))), per_trial, outcome, covariates))))
}
write(toJSON(list(versions = list(R = R.version.string, lme4 = as.character(packageVersion("lme4")), lmerTest = as.character(packageVersion("lmerTest"))),
  cases = list(run("pain", "baseline"), run("recovered", character(0)))), auto_unbox = TRUE, digits = I(17)), "two_stage_subgroups.json")
