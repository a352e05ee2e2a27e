# Reference values for pool_multiplicative: R's lm with weights 1/vi.  Rscript pooling_multiplicative.R > pooling_multiplicative.json
# Data come from pooling_grid.json and pooling_models.json.
suppressMessages(library(jsonlite))
grid <- fromJSON("pooling_grid.json")$data; models <- fromJSON("pooling_models.json")$designs
pools <- c("bcg_rr", "collins1985b", "lee2004", "linde2005", "normand1999", "raudenbush1985", "hackshaw1998", "gibson2002", "yusuf1985", "kalaian1996")
data <- c(lapply(grid[pools], function(d) list(y = d$yi, v = d$vi, X = NULL)), lapply(models, function(d) list(y = d$yi, v = d$vi, X = as.matrix(d$X))))
cases <- lapply(names(data), function(name) { d <- data[[name]]; f <- if (is.null(d$X)) lm(d$y ~ 1, weights = 1 / d$v) else lm(d$y ~ d$X, weights = 1 / d$v)
  s <- coef(summary(f)); ci <- confint(f, level = 0.9); list(data = name, estimate = I(s[, 1]), se = I(s[, 2]), p = I(s[, 4]), low = I(ci[, 1]), high = I(ci[, 2]), phi = sigma(f)^2) })
for (i in seq_along(cases)) for (n in c("estimate", "se", "p", "low", "high")) cases[[i]][[n]] <- I(unname(as.numeric(cases[[i]][[n]])))
cat(toJSON(list(versions = list(R = R.version.string), cases = cases), auto_unbox = TRUE, digits = I(13), na = "null"))
