# Time lme4's default fits: Rscript peers.R data.csv models.csv out.csv seconds
suppressMessages(library(lme4))
a <- commandArgs(TRUE); d <- read.csv(a[1]); models <- read.csv(a[2]); budget <- as.numeric(a[4])
fit <- function(m) { f <- as.formula(m$formula)
  suppressWarnings(suppressMessages(if (m$linear == "True") lmer(f, d) else glmer(f, d, family = binomial, nAGQ = m$quadrature))) }
rows <- lapply(seq_len(nrow(models)), function(i) { m <- models[i, ]; times <- c(); start <- proc.time()[3]; f <- NULL
  repeat { t <- Sys.time(); f <- try(fit(m), silent = TRUE); times <- c(times, as.numeric(difftime(Sys.time(), t, units = "secs")))
    if (inherits(f, "try-error") || proc.time()[3] - start > budget) break }
  ok <- !inherits(f, "try-error")
  data.frame(name = m$name, seconds = if (ok) median(times) else NA, deviance = if (ok) -2 * as.numeric(logLik(f)) else NA) })
write.csv(do.call(rbind, rows), a[3], row.names = FALSE)
