# Reference values for pool_multilevel: rma.mv, and clubSandwich for CR2.  Rscript pooling_multilevel.R > pooling_multilevel.json
suppressMessages({library(metafor); library(metadat); library(clubSandwich); library(jsonlite)})
tight <- list(optimizer = "BFGS", reltol = 1e-15, maxit = 20000)
kon <- dat.konstantopoulos2011; ass <- dat.assink2016; tan <- dat.tannersmith2016; kal <- dat.kalaian1996
born <- escalc("OR", ai = waward, n1i = wtotal, ci = maward, n2i = mtotal, data = dat.bornmann2007)
sets <- list(
  konstantopoulos = list(yi = kon$yi, vi = kon$vi, trial = kon$district, X = kon$year - mean(kon$year)), assink = list(yi = ass$yi, vi = ass$vi, trial = ass$study, X = ass$year - mean(ass$year)),
  tannersmith = list(yi = tan$yi, vi = tan$vi, trial = tan$studyid, X = tan$aget1 - mean(tan$aget1)), kalaian = list(yi = kal$yi, vi = kal$vi, trial = kal$study, X = kal$year - 80),
  bornmann = list(yi = as.numeric(born$yi), vi = as.numeric(born$vi), trial = as.character(born$study), X = as.numeric(born$type == "Fellowship")))
cases <- list()
for (name in names(sets)) for (rho in c(0, 0.5)) for (method in c("REML", "ML")) for (mods in c(FALSE, TRUE)) {
  s <- sets[[name]]; d <- data.frame(yi = s$yi, vi = s$vi, trial = s$trial, X = s$X, row = seq_along(s$yi))
  V <- if (rho == 0) diag(s$vi) else impute_covariance_matrix(s$vi, cluster = factor(s$trial, levels = unique(s$trial)), r = rho, return_list = FALSE)
  args <- list(yi = d$yi, V = V, random = ~ 1 | trial / row, data = d, method = method); if (mods) args$mods <- ~ X
  f <- tryCatch(do.call(rma.mv, c(args, list(control = tight))), error = function(e) do.call(rma.mv, args))
  r <- coef_test(f, vcov = "CR2", cluster = d$trial)
  pi <- if (mods) list(pi.lb = NULL, pi.ub = NULL) else predict(f)
  cases[[length(cases) + 1]] <- list(data = name, rho = rho, method = method, moderator = mods, beta = as.numeric(f$b), se = as.numeric(f$se), sigma2 = f$sigma2, loglik = as.numeric(logLik(f)), q = f$QE, q_p = f$QEp,
    pi = c(pi$pi.lb, pi$pi.ub), cr2_se = r$SE, cr2_df = if (is.null(r$df)) r$df_Satt else r$df, cr2_p = r$p_Satt)
}
cat(toJSON(list(versions = list(R = R.version.string, metafor = as.character(packageVersion("metafor")), clubSandwich = as.character(packageVersion("clubSandwich"))), data = sets, cases = cases), auto_unbox = TRUE, digits = I(13), na = "null"))
