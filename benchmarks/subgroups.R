# One lme4 fit per cut-point: Rscript subgroups.R data.csv out.csv, the search that the fast one replaces
suppressMessages(library(lme4))
a <- commandArgs(TRUE); d <- read.csv(a[1]); d$trial <- factor(d$trial)
cuts <- head(sort(unique(d$x)), -1)
fit <- function(cut) { d$side <- as.numeric(d$x <= cut)
  f <- suppressWarnings(suppressMessages(lmer(y ~ 0 + trial + treat + side + base + treat:side + (0 + treat | trial), d)))
  s <- coef(summary(f)); term <- intersect(c("treat:side", "side:treat"), rownames(s))
  if (length(term)) c(s[term, 1], s[term, 2]) else c(NA, NA) }  # an extreme cut leaves nobody to compare
invisible(fit(cuts[1])); start <- proc.time()[["elapsed"]]
found <- sapply(cuts, fit)
seconds <- proc.time()[["elapsed"]] - start
write.csv(data.frame(cut = cuts, estimate = found[1, ], se = found[2, ], seconds = seconds), a[2], row.names = FALSE)
