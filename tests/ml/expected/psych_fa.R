# Makes psych_fa.csv: what R's psych::fa finds in a matrix that needs no file. Run it with Rscript (r-cran-psych,
# r-cran-gparotation); the values are compared with ours in test_factors.py.
library(psych)

n_items <- 24
n_factors <- 4
item <- matrix(rep(1:n_items, n_factors), n_items)
factor <- matrix(rep(1:n_factors, each = n_items), n_items)
loadings <- ifelse(item %% n_factors == factor - 1, 0.7, 0.15) * (1 + 0.3 * sin(7 * item + 3 * factor))
correlations <- loadings %*% t(loadings) + 0.03 * sin(outer(1:n_items, 1:n_items))
diag(correlations) <- 1

found <- list()
for (method in c("minres", "ml")) {
  solution <- fa(correlations, nfactors = n_factors, n.obs = 1000, fm = method, rotate = "oblimin",
                 max.iter = 5000)
  found[[paste0(method, "_communality")]] <- unname(solution$communality)
  for (each in 1:n_factors) {
    found[[paste0(method, "_structure_", each)]] <- unname(solution$Structure[, each])
  }
}
write.csv(round(as.data.frame(found), 6), "psych_fa.csv", row.names = FALSE)
