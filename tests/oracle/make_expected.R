# Write the expected values that the Python tests read.
#
# Run in this folder, after make_data.py:  Rscript make_expected.R
# It reads pupils.csv and lone.csv and writes pupils_replicates.csv,
# replicate_scales.csv, known_totals.csv, expected.csv and exceptions.csv.
# All the numbers are those of the package survey, except where a function
# below says "OUR OWN CODE".

suppressMessages(library(survey))
options(stringsAsFactors = FALSE, warn = 1)

GRADES <- c("outstanding", "good", "satisfactory", "inadequate")
BYS <- list(group = c("fsm", "not_fsm"), phase = c("primary", "secondary"), rare = c("no", "yes"))
DOMAINS <- c(list(list(by = "", domain = "")),
             unlist(lapply(names(BYS), function(by)
               lapply(BYS[[by]], function(d) list(by = by, domain = d))), recursive = FALSE))
# The cases and the domains for which intervals at level .9 are written too.
LEVEL_90_CASES <- c("strata-clusters", "two-stage", "poststratified", "replicates-jkn")
LEVEL_90_BYS <- c("", "group")

read_data <- function(name) {
  data <- read.csv(name, na.strings = "", colClasses = c(pupil = "character"))
  data$grade <- factor(data$grade, levels = GRADES)
  data$one <- 1
  data
}

# ---- the tables being written ------------------------------------------------

out <- new.env()
out$rows <- list()
out$exceptions <- list()
out$here <- c(data = "", case = "")

g17 <- function(x) sprintf("%.17g", as.vector(x))

# One row per number; a number that is not finite goes to exceptions.csv instead.
put <- function(statistic, outcome, at, quantity, value, denominator = "", code = "",
                method = "", level = "") {
  value <- as.numeric(value)
  stopifnot(length(value) == 1)
  if (is.finite(value)) {
    out$rows[[length(out$rows) + 1]] <-
      c(out$here, statistic = statistic, outcome = outcome, denominator = denominator, by = at$by,
        domain = at$domain, code = code, quantity = quantity, method = method, level = level,
        value = g17(value))
  } else {
    put_exception(statistic, outcome, at, quantity, as.character(value), denominator, code, method, level)
  }
}

put_exception <- function(statistic, outcome, at, quantity, gives, denominator = "", code = "",
                          method = "", level = "") {
  out$exceptions[[length(out$exceptions) + 1]] <-
    c(out$here, statistic = statistic, outcome = outcome, denominator = denominator, by = at$by,
      domain = at$domain, code = code, quantity = quantity, method = method, level = level,
      gives = gives)
}

# ---- intervals ---------------------------------------------------------------

t_interval <- function(value, se, df, level) value + c(-1, 1) * qt(1 - (1 - level) / 2, df) * se

# OUR OWN CODE. The effective number of rows of Korn and Graubard (1998): that of the
# variance, times the squared quotient of the t quantiles of n - 1 and of df (as
# svyciprop(method = "beta") does). `n` is the number of rows of the domain.
adjusted_rows <- function(p, variance, n, df, level) {
  a <- (1 - level) / 2
  p * (1 - p) / variance * (qt(a, n - 1) / qt(a, df))^2
}

# OUR OWN CODE: the beta (Clopper-Pearson) interval with the effective number of rows
# never above the number of rows of the domain.
korn_graubard <- function(p, variance, n, df, level) {
  a <- (1 - level) / 2
  m <- min(n, adjusted_rows(p, variance, n, df, level))
  c(qbeta(a, m * p, m * (1 - p) + 1), qbeta(1 - a, m * p + 1, m * (1 - p)))
}

# OUR OWN CODE: Wilson's score interval with a normal quantile and the same effective
# number of rows, capped in the same way (`capped = FALSE`: not capped).
wilson <- function(p, variance, n, df, level, capped = TRUE) {
  z <- qnorm(1 - (1 - level) / 2)
  m <- adjusted_rows(p, variance, n, df, level)
  if (capped) m <- min(n, m)
  (p + z^2 / (2 * m) + c(-1, 1) * z * sqrt(p * (1 - p) / m + z^2 / (4 * m^2))) / (1 + z^2 / m)
}

# ---- one case ----------------------------------------------------------------

level_name <- function(level) sub("^0", "", format(level))

put_interval <- function(limits, statistic, outcome, at, method, level, denominator = "") {
  put(statistic, outcome, at, "low", limits[1], denominator, "", method, level_name(level))
  put(statistic, outcome, at, "high", limits[2], denominator, "", method, level_name(level))
}

rows_of <- function(design) sum(weights(design, "sampling") != 0)

domain_of <- function(design, at) {
  if (at$by == "") return(design)
  inside <- design$variables[[at$by]] == at$domain
  subset(design, inside)
}

run_domain <- function(design, at, replicates) {
  d <- domain_of(design, at)
  df <- degf(d)
  n <- if (replicates) NA else rows_of(d)
  levels <- if (out$here[["case"]] %in% LEVEL_90_CASES && at$by %in% LEVEL_90_BYS) c(.95, .9) else .95
  common <- function(statistic, outcome, value, se, effect, denominator = "", code = "") {
    put(statistic, outcome, at, "value", value, denominator, code)
    put(statistic, outcome, at, "se", se, denominator, code)
    if (code == "") {
      put(statistic, outcome, at, "df", df, denominator, code)
      if (!replicates) put(statistic, outcome, at, "n", n, denominator, code)
    }
    if (!replicates && !is.null(effect)) put(statistic, outcome, at, "deff", effect, denominator, code)
  }
  effect_of <- function(m) if (replicates) NULL else as.vector(deff(m))
  with_effect <- if (replicates) list() else list(deff = "replace")
  means <- function(formula) do.call(svymean, c(list(formula, d), with_effect))
  totals <- function(formula) do.call(svytotal, c(list(formula, d), with_effect))

  # the proportion of takes_part
  m <- means(~takes_part)
  p <- coef(m)[[1]]
  v <- vcov(m)[1, 1]
  common("proportion", "takes_part", p, SE(m), effect_of(m))
  for (level in levels) {
    if (replicates) {
      put_interval(t_interval(p, sqrt(v), df, level), "proportion", "takes_part", at, "t", level)
      next
    }
    logit <- confint(svyciprop(~takes_part, d, method = "xlogit", level = level, df = df))
    put_interval(logit, "proportion", "takes_part", at, "logit", level)
    beta <- confint(svyciprop(~takes_part, d, method = "beta", level = level))
    put_interval(beta, "proportion", "takes_part", at, "beta", level)
    put_interval(korn_graubard(p, v, n, df, level), "proportion", "takes_part", at, "korn-graubard", level)
    put_interval(wilson(p, v, n, df, level), "proportion", "takes_part", at, "wilson", level)
    put_interval(wilson(p, v, n, df, level, FALSE), "proportion", "takes_part", at, "wilson-uncapped", level)
  }

  # the proportion of each code of grade
  m <- means(~grade)
  stopifnot(names(coef(m)) == paste0("grade", GRADES))
  effects <- effect_of(m)
  for (i in seq_along(GRADES))
    common("proportion", "grade", coef(m)[[i]], sqrt(diag(vcov(m)))[[i]], effects[i], code = GRADES[i])

  # means and totals
  for (outcome in c("score", "hours", "takes_part")) {
    statistic <- if (outcome == "score") "mean" else "total"
    formula <- reformulate(outcome)
    m <- if (statistic == "mean") means(formula) else totals(formula)
    common(statistic, outcome, coef(m), SE(m), effect_of(m))
    for (level in levels)
      put_interval(t_interval(coef(m)[[1]], as.numeric(SE(m)), df, level), statistic, outcome, at, "t", level)
  }

  # the ratio
  r <- svyratio(~cost, ~hours, d)
  se <- sqrt(as.vector(vcov(r)))
  common("ratio", "cost", as.vector(coef(r)), se, NULL, "hours")
  for (level in levels)
    put_interval(t_interval(as.vector(coef(r)), se, df, level), "ratio", "cost", at, "t", level, "hours")

  # the mean of a column with gaps: df and n are those of the rows that have a value
  if (at$by %in% c("", "group")) {
    m <- svymean(~score_gaps, d, na.rm = TRUE)
    present <- !is.na(d$variables$score_gaps)
    kept <- subset(d, present)
    put("mean", "score_gaps", at, "value", coef(m))
    put("mean", "score_gaps", at, "se", SE(m))
    put("mean", "score_gaps", at, "df", degf(kept))
    if (!replicates) put("mean", "score_gaps", at, "n", rows_of(kept))
  }
}

# The values of two domains with their covariances. For a plain or a replicate design
# svyby(covmat = TRUE) gives them. It fails for a calibrated design (see README.md), whose
# domain means are therefore taken as two ratios of totals of the whole sample,
# svyratio(covmat = TRUE), which is the same estimator. Both are functions of survey.
two_means <- function(design, outcome, by) {
  calibrated <- inherits(design, "survey.design2") && !is.null(design$postStrata)
  if (calibrated) return(two_ratios(design, outcome, by))
  both <- svyby(reformulate(outcome), reformulate(by), design, svymean, covmat = TRUE)
  if (inherits(design, "survey.design2")) # the two ways agree where both work
    stopifnot(all.equal(as.vector(vcov(both)), as.vector(vcov(two_ratios(design, outcome, by))), tolerance = 1e-10))
  both
}

two_ratios <- function(design, outcome, by) {
  codes <- BYS[[by]]
  in_1 <- as.numeric(design$variables[[by]] == codes[1])
  in_2 <- as.numeric(design$variables[[by]] == codes[2])
  y <- design$variables[[outcome]]
  design <- update(design, .y1 = y * in_1, .y2 = y * in_2, .in1 = in_1, .in2 = in_2)
  r <- svyratio(~.y1 + .y2, ~.in1 + .in2, design, covmat = TRUE)
  keep <- c(1, 4) # .y1/.in1 and .y2/.in2
  means <- as.vector(r$ratio)[keep]
  names(means) <- codes
  v <- r$vcov[keep, keep]
  dimnames(v) <- list(codes, codes)
  structure(means, var = v, statistic = "mean", class = "svystat")
}

run_contrasts <- function(design) {
  for (by in c("group", "phase")) {
    codes <- BYS[[by]]
    at <- list(by = by, domain = paste(codes, collapse = " - "))
    for (outcome in c("takes_part", "score")) {
      both <- two_means(design, outcome, by)
      stopifnot(names(coef(both)) == codes)
      difference <- svycontrast(both, structure(list(structure(c(1, -1), names = codes)), names = "difference"))
      put("contrast", outcome, at, "value", coef(difference))
      put("contrast", outcome, at, "se", sqrt(as.vector(vcov(difference))))
      put("contrast", outcome, at, "df", degf(design))
      if (outcome == "score") next
      a <- as.name(codes[1])
      b <- as.name(codes[2])
      ratio <- svycontrast(both, bquote(log(.(a) / .(b))))
      odds <- svycontrast(both, bquote(log(.(a) / (1 - .(a)) / (.(b) / (1 - .(b))))))
      put("contrast", outcome, at, "value", exp(as.vector(coef(ratio))), code = "ratio")
      put("contrast", outcome, at, "se_log", sqrt(as.vector(vcov(ratio))), code = "ratio")
      put("contrast", outcome, at, "value", exp(as.vector(coef(odds))), code = "odds")
      put("contrast", outcome, at, "se_log", sqrt(as.vector(vcov(odds))), code = "odds")
    }
  }
}

run_case <- function(data, case, design) {
  cat("case", data, case, "\n")
  out$here <- c(data = data, case = case)
  replicates <- inherits(design, "svyrep.design")
  for (at in DOMAINS) run_domain(design, at, replicates)
  run_contrasts(design)
}

# ---- the designs on pupils.csv -----------------------------------------------

pupils <- read_data("pupils.csv")

strata_clusters <- svydesign(ids = ~school, strata = ~region, weights = ~weight, data = pupils)
clusters <- svydesign(ids = ~school, weights = ~weight, data = pupils)

run_case("pupils", "simple", svydesign(ids = ~1, weights = ~one, data = pupils))
run_case("pupils", "weights", svydesign(ids = ~1, weights = ~weight, data = pupils))
run_case("pupils", "strata", svydesign(ids = ~1, strata = ~region, weights = ~weight, data = pupils))
run_case("pupils", "strata-population",
         svydesign(ids = ~1, strata = ~region, weights = ~weight, fpc = ~pupils_in_region, data = pupils))
run_case("pupils", "clusters", clusters)
run_case("pupils", "strata-clusters", strata_clusters)
run_case("pupils", "strata-clusters-population",
         svydesign(ids = ~school, strata = ~region, weights = ~weight, fpc = ~schools_in_region, data = pupils))
run_case("pupils", "two-stage",
         svydesign(ids = ~school + class, strata = ~region, weights = ~weight,
                   fpc = ~schools_in_region + classes_in_school, data = pupils))
run_case("pupils", "two-stage-rows",
         svydesign(ids = ~school + pupil, strata = ~region, weights = ~weight,
                   fpc = ~schools_in_region + pupils_in_school, data = pupils))

# Known totals, none of them those of the weighted sample.
totals_phase <- data.frame(phase = c("primary", "secondary"), Freq = c(1650, 1180))
totals_crossed <- data.frame(sex = c("boy", "girl", "boy", "girl"),
                             phase = c("primary", "primary", "secondary", "secondary"),
                             Freq = c(860, 790, 560, 620))
totals_sex <- data.frame(sex = c("boy", "girl"), Freq = c(1420, 1410))

run_case("pupils", "poststratified", postStratify(strata_clusters, ~phase, totals_phase))
run_case("pupils", "poststratified-crossed", postStratify(strata_clusters, ~sex + phase, totals_crossed))
raked <- calibrate(strata_clusters, ~sex + phase, calfun = "raking", epsilon = 1e-14, maxit = 200,
                   population = c(`(Intercept)` = sum(totals_sex$Freq), sexgirl = totals_sex$Freq[2],
                                  phasesecondary = totals_phase$Freq[2]))
reached <- c(tapply(weights(raked), pupils$sex, sum), tapply(weights(raked), pupils$phase, sum))
stopifnot(abs(reached / c(totals_sex$Freq, totals_phase$Freq) - 1) < 1e-13)
run_case("pupils", "raked", raked)

known <- rbind(
  data.frame(case = "poststratified", columns = "phase", values = totals_phase$phase, total = totals_phase$Freq),
  data.frame(case = "poststratified-crossed", columns = "sex|phase",
             values = paste(totals_crossed$sex, totals_crossed$phase, sep = "|"), total = totals_crossed$Freq),
  data.frame(case = "raked", columns = "sex", values = totals_sex$sex, total = totals_sex$Freq),
  data.frame(case = "raked", columns = "phase", values = totals_phase$phase, total = totals_phase$Freq))
write.csv(known, "known_totals.csv", row.names = FALSE, quote = FALSE)

# ---- replicate weights -------------------------------------------------------

set.seed(418, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
makers <- list(
  jk1 = as.svrepdesign(clusters, type = "JK1", compress = FALSE),
  jkn = as.svrepdesign(strata_clusters, type = "JKn", compress = FALSE),
  boot = as.svrepdesign(strata_clusters, type = "bootstrap", replicates = 30, compress = FALSE))
written <- data.frame(pupil = pupils$pupil)
scales <- NULL
for (kind in names(makers)) {
  full <- weights(makers[[kind]], "analysis")
  columns <- paste0(kind, "_", seq_len(ncol(full)))
  for (i in seq_along(columns)) written[[columns[i]]] <- g17(full[, i])
  scales <- rbind(scales, data.frame(kind = kind, replicate = columns, scale = g17(makers[[kind]]$scale),
                                     rscale = g17(rep_len(makers[[kind]]$rscales, length(columns)))))
}
write.csv(written, "pupils_replicates.csv", row.names = FALSE, quote = FALSE)
write.csv(scales, "replicate_scales.csv", row.names = FALSE, quote = FALSE)

written <- read.csv("pupils_replicates.csv", colClasses = c(pupil = "character"))
scales <- read.csv("replicate_scales.csv")
stopifnot(written$pupil == pupils$pupil)
cases <- c(jk1 = "replicates-jk1", jkn = "replicates-jkn", boot = "replicates-bootstrap")
types <- c(jk1 = "JK1", jkn = "JKn", boot = "bootstrap")
for (kind in names(cases)) for (mse in c(FALSE, TRUE)) {
  of_kind <- scales[scales$kind == kind, ]
  design <- svrepdesign(variables = pupils, weights = pupils$weight, repweights = as.matrix(written[of_kind$replicate]),
                        type = types[[kind]], combined.weights = TRUE, scale = of_kind$scale[1],
                        rscales = of_kind$rscale, mse = mse)
  stopifnot(isTRUE(all.equal(SE(svymean(~score, design)), SE(svymean(~score, makers[[kind]])))) || mse)
  run_case("pupils", paste0(cases[[kind]], if (mse) "-mse" else ""), design)
}

# ---- lone units: lone.csv ----------------------------------------------------

lone <- read_data("lone.csv")
lone_designs <- list(
  lone = svydesign(ids = ~school, strata = ~region, weights = ~weight, data = lone),
  `population-lone` = svydesign(ids = ~school, strata = ~region, weights = ~weight, fpc = ~schools_in_region,
                                data = lone),
  `two-stage-lone` = svydesign(ids = ~school + class, strata = ~region, weights = ~weight,
                               fpc = ~schools_in_region + classes_in_school, data = lone))
for (name in names(lone_designs)) for (option in c("adjust", "average", "certainty", "remove")) {
  options(survey.lonely.psu = option)
  run_case("lone", paste0(name, "-", option), lone_designs[[name]])
}
options(survey.lonely.psu = "fail")

# ---- nobody and everybody ----------------------------------------------------

text_of <- function(expression) {
  notes <- character(0)
  value <- tryCatch(
    withCallingHandlers(expression, warning = function(w) {
      notes <<- c(notes, paste("warning:", conditionMessage(w)))
      invokeRestart("muffleWarning")
    }),
    error = function(e) paste("error:", conditionMessage(e)))
  if (is.numeric(value)) value <- paste(g17(value), collapse = " to ")
  gsub("[,\n\"]+", ";", paste(unique(c(value, notes)), collapse = "; "))
}

out$here <- c(data = "pupils", case = "strata-clusters")
whole <- DOMAINS[[1]]
for (outcome in c("takes_none", "takes_all")) {
  formula <- reformulate(outcome)
  m <- svymean(formula, strata_clusters)
  put_exception("proportion", outcome, whole, "value", text_of(as.vector(coef(m))))
  put_exception("proportion", outcome, whole, "se", text_of(as.vector(SE(m))))
  put_exception("proportion", outcome, whole, "deff",
                text_of(as.vector(deff(svymean(formula, strata_clusters, deff = "replace")))))
  for (method in c("logit", "likelihood", "asin", "beta", "mean", "xlogit"))
    put_exception("proportion", outcome, whole, "interval",
                  text_of(as.vector(confint(svyciprop(formula, strata_clusters, method = method)))),
                  method = paste0("svyciprop ", method), level = ".95")
  arguments <- list(coef(m)[[1]], vcov(m)[1, 1], nrow(pupils), degf(strata_clusters), .95)
  put_exception("proportion", outcome, whole, "interval", text_of(do.call(korn_graubard, arguments)),
                method = "korn-graubard (our own code)", level = ".95")
  put_exception("proportion", outcome, whole, "interval", text_of(do.call(wilson, arguments)),
                method = "wilson (our own code)", level = ".95")
}

# ---- what R refuses ----------------------------------------------------------

out$here <- c(data = "pupils", case = "poststratified")
for (by in c("group", "phase"))
  put_exception("contrast", "takes_part", list(by = by, domain = paste(BYS[[by]], collapse = " - ")), "se",
                text_of(as.vector(vcov(svyby(~takes_part, reformulate(by),
                                             postStratify(strata_clusters, ~phase, totals_phase), svymean,
                                             covmat = TRUE)))),
                method = "svyby with covmat = TRUE")
out$here <- c(data = "lone", case = "lone-fail")
put_exception("mean", "score", whole, "se", text_of(as.vector(SE(svymean(~score, lone_designs$lone)))))

# ---- write -------------------------------------------------------------------

table_of <- function(rows) as.data.frame(do.call(rbind, rows))
expected <- table_of(out$rows)
stopifnot(!duplicated(expected[names(expected) != "value"]), !is.na(as.numeric(expected$value)))
write.csv(expected, "expected.csv", row.names = FALSE, quote = FALSE)
write.csv(table_of(out$exceptions), "exceptions.csv", row.names = FALSE, quote = FALSE)
cat(nrow(expected), "rows,", length(unique(paste(expected$data, expected$case))), "cases,",
    length(out$exceptions), "exceptions\n")
