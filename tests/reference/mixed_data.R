# The data of the mixed-model references, written to mixed_data.csv (one long table, column `design`).
# Usage, from tests/reference/:  Rscript mixed_data.R PATH/TO/opt.csv
# Random designs, lme4's classics in the same columns, and a few columns of the OPT trial by clinic.
suppressMessages(library(lme4))
RNGversion("4.0.0")
kinds <- c("plain", "zero_treat", "zero_all", "unbalanced", "one_arm", "few", "collinear", "constant",
           "scales", "hetero", "fixed", "full")

design <- function(i) {
  set.seed(4200 + i)
  kind <- kinds[(i - 1) %% length(kinds) + 1]
  k <- if (kind == "few") sample(2:3, 1) else if (kind == "full") 14 else sample(5:10, 1)
  size <- sample(10:24, k, replace = TRUE)
  if (kind == "unbalanced") size <- c(90, sample(4:9, k - 1, replace = TRUE))
  if (kind == "few") size <- size + 15
  trial <- rep(seq_len(k), size); n <- length(trial)
  treat <- unlist(lapply(size, function(m) sample(rep(0:1, length.out = m))))
  if (kind == "one_arm") { treat[trial == 1] <- 1; treat[trial == 2] <- 0 }
  x <- round(rnorm(k)[trial] + rnorm(n), 2)
  w <- round(rnorm(n), 2)
  sd <- switch(kind, zero_treat = c(1, 0, 0), zero_all = c(0, 0, 0), c(1, .8, .5))
  u <- matrix(rnorm(3 * k), k) %*% diag(sd)
  e <- rnorm(n) * if (kind == "hetero") (.5 + 1.5 * runif(k))[trial] else 1
  eta <- u[trial, 1] + (-.5 + u[trial, 2]) * treat + (.4 + u[trial, 3]) * x + .2 * treat * x
  if (kind == "collinear") w <- round(2 * x - treat, 2)
  if (kind == "constant") w <- rep(3, n)
  if (kind == "scales") { x <- round(2000 + 15 * x, 1); w <- w / 1000 }
  data.frame(design = sprintf("%s%02d", kind, i), trial, y = round(10 + 3 * (eta + e), 3),
             e = rbinom(n, 1, plogis(.7 * eta)), treat, x, w)
}
classic <- function(name, trial, y, x = 0, e = 0, treat = 0, w = 0)
  data.frame(design = name, trial = as.integer(factor(trial)), y, e, treat, x, w)

all <- do.call(rbind, lapply(1:72, design))
all <- rbind(all,
  with(sleepstudy, classic("sleepstudy", Subject, round(Reaction, 4), Days)),
  with(Dyestuff, classic("dyestuff", Batch, Yield)), with(Dyestuff2, classic("dyestuff2", Batch, Yield)),
  with(Penicillin, classic("penicillin", plate, diameter)))
rows <- do.call(rbind, lapply(seq_len(nrow(cbpp)), function(i) with(cbpp[i, ], data.frame(
  herd, period = as.integer(period), e = rep(1:0, c(incidence, size - incidence))))))
all <- rbind(all, with(rows, classic("cbpp", herd, 0, x = 1 * (period == 2), e = e, treat = 1 * (period == 3),
                                     w = 1 * (period == 4))))
opt <- read.csv(commandArgs(TRUE)[1], na.strings = c("", "NA", ".", "   "))
opt <- data.frame(trial = opt$Clinic, y = as.numeric(opt$V5.PD.avg), e = 1 * (trimws(opt$Preg.ended...37.wk) == "Yes"),
                  treat = 1 * (trimws(opt$Group) == "T"), x = as.numeric(opt$BL.PD.avg), w = as.numeric(opt$Age))
opt <- opt[complete.cases(opt), ]
all <- rbind(all, with(opt, classic("opt", trial, y, x, e, treat, w)))
write.csv(all, "mixed_data.csv", row.names = FALSE, quote = FALSE)
cat(nrow(all), "rows,", length(unique(all$design)), "designs,", file.size("mixed_data.csv"), "bytes\n")
