# Reference values for interaction_power:  Rscript power.R
# Worked example "Poynard" of Riley, Hattle, Collins, Whittle and Ensor 2022 (doi 10.1002/sim.9538): four trials, trial facts as in the
# authors' public code (github.com/gscollins1973/IPDMA_power_binary, commit 3345e23 and a339770). `authors` holds what that code printed
# when run here (R 4.2.2; the age script draws a million values, seed 1). The rest is computed below, independently, by numerical integration.
suppressMessages(library(jsonlite))
d <- data.frame(n_control = c(112, 89, 49, 53), n_treated = c(118, 85, 30, 53), events_control = c(30, 28, 11, 13), events_treated = c(19, 16, 1, 13),
                mean_control = c(54, 53, 55, 57), mean_treated = c(54, 55, 53, 55), sd_control = c(11, 11, 9, 12), sd_treated = c(9, 11, 7, 11),
                proportion_control = c(71, 73, 71, 76) / 100, proportion_treated = c(71, 67, 73, 74) / 100)
authors <- list(
  sex = list(interaction = log(1.3), power = 0.08816168197, variance = c(0.5121292938, 0.5963446394, 5.5127340251, 1.0729159801), summary_variance = 0.210839147),
  age = list(interaction = 0.0262364, power = 0.2563577869, variance = c(0.001158108660, 0.001071744278, 0.023001870848, 0.001590057114), summary_variance = 0.000405035698))
one <- function(r, kind, interaction, gamma) {
  I <- matrix(0, 4, 4); total <- r$n_control + r$n_treated
  centre <- (r$n_control * r$mean_control + r$n_treated * r$mean_treated) / total
  for (arm in 0:1) {
    s <- if (arm) "treated" else "control"; n <- r[[paste0("n_", s)]]; a <- qlogis(r[[paste0("events_", s)]] / n)
    w <- function(z) { p <- plogis(a + (gamma + arm * interaction) * z); p * (1 - p) }
    moment <- function(power) if (kind == "sex") { q <- r[[paste0("proportion_", s)]]; (1 - q) * w(0) * 0^power + q * w(1) } else {
      m <- r[[paste0("mean_", s)]] - centre; sd <- r[[paste0("sd_", s)]]
      integrate(function(z) dnorm(z, m, sd) * w(z) * z^power, m - 12 * sd, m + 12 * sd, rel.tol = 1e-12, subdivisions = 1000)$value }
    M <- c(moment(0), moment(1), moment(2)); B <- matrix(c(M[1], M[2], M[2], M[3]), 2); K <- matrix(c(1, arm, arm, arm), 2)
    I <- I + n * kronecker(B, K)
  }
  solve(I)[4, 4]
}
case <- function(kind, interaction, gamma, tau) {
  v <- sapply(seq_len(nrow(d)), function(i) one(d[i, ], kind, interaction, gamma)); se <- sqrt(1 / sum(1 / (v + tau^2)))
  list(kind = kind, interaction = interaction, modifier_effect = gamma, tau = tau, variance = v, se = se, power = pnorm(-qnorm(0.975) + interaction / se) + pnorm(-qnorm(0.975) - interaction / se))
}
cases <- list(case("sex", log(1.3), 0, 0), case("sex", log(3.65), 0.4, 0), case("age", 0.0262364, 0, 0), case("age", 0.0554, 0.02, 0), case("age", 0.0554, 0.02, 0.02))
write(toJSON(list(versions = list(R = R.version.string), trials = d, authors = authors, cases = cases), auto_unbox = TRUE, digits = I(17)), "power.json")
