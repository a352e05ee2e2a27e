# Reference values for shrunken effects (blup, ranef of rma and rma.mv).  Rscript pooling_shrunken.R > pooling_shrunken.json
# Data come from pooling_grid.json, pooling_models.json and pooling_multilevel.json.
suppressMessages({library(metafor); library(jsonlite)})
grid <- fromJSON("pooling_grid.json")$data; models <- fromJSON("pooling_models.json")$designs; nested <- fromJSON("pooling_multilevel.json")$data
pools <- c("bcg_rr", "collins1985b", "lee2004", "linde2005", "normand1999", "raudenbush1985", "hackshaw1998", "gibson2002", "yusuf1985")
data <- c(lapply(grid[pools], function(d) list(yi = d$yi, vi = d$vi, X = NULL)), lapply(models, function(d) list(yi = d$yi, vi = d$vi, X = as.matrix(d$X))))
fit <- function(d, method, test) { for (t in c(1e-13, 1e-10, 1e-8, 1e-6)) { con <- list(threshold = t, maxiter = 1e4, tol = 1e-14)
  r <- tryCatch(if (is.null(d$X)) rma(d$yi, d$vi, method = method, test = test, control = con) else rma(d$yi, d$vi, mods = d$X, method = method, test = test, control = con), error = function(e) NULL)
  if (!is.null(r)) return(r) } }
four <- function(r) list(as.numeric(r$pred), as.numeric(r$se), as.numeric(r$pi.lb), as.numeric(r$pi.ub))
cases <- list(); levels <- list()
for (name in names(data)) for (method in c("REML", "DL")) for (test in c("z", "knha")) { f <- fit(data[[name]], method, test)
  cases[[length(cases) + 1]] <- list(data = name, method = method, test = test, effect = four(blup(f)), deviation = four(ranef(f))) }
for (name in names(nested)) for (method in c("REML", "ML")) { d <- nested[[name]]; d$unit <- seq_along(d$yi)
  f <- rma.mv(yi, vi, random = ~ 1 | trial/unit, data = d[c("yi", "vi", "trial", "unit")], method = method, control = list(optimizer = "optim", optmethod = "BFGS", reltol = 1e-15, maxit = 1e4))
  r <- ranef(f, transf = FALSE); trials <- unique(d$trial); units <- paste(d$trial, d$unit, sep = "/")
  levels[[length(levels) + 1]] <- list(data = name, method = method, sigma2 = f$sigma2, between = r[[1]][as.character(trials), "intrcpt"], between_se = r[[1]][as.character(trials), "se"],
    within = r[[2]][units, "intrcpt"], within_se = r[[2]][units, "se"]) }
cat(toJSON(list(versions = list(R = R.version.string, metafor = as.character(packageVersion("metafor"))), cases = cases, levels = levels), auto_unbox = TRUE, digits = I(13), na = "null"))
