"""How a sample was drawn, told by the names of the columns that say so: it holds no data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from numbers import Real
from types import MappingProxyType

from survey_analysis.errors import InputError, choice, whole_number

LONE_RULES: Mapping[str, str] = MappingProxyType(
    {
        "error": "",
        "adjust": "A lone cluster counts as far from nothing as it is.",
        "average": "A stratum with a lone cluster has the mean variance of the others.",
        "certainty": "Lone clusters count as sure to be visited.",
        "remove": "Lone clusters are left out of the variance.",
    }
)
"""What may be done with the only cluster of a stratum, of which no variance can be seen, as a table says it."""
Keys = tuple[str, ...]
Totals = Mapping[object, float]


@dataclass(frozen=True, kw_only=True)
class Replicates:
    """Replicate weights: columns of weights, each for the sample drawn anew, that carry the variance in them.

    Parameters
    ----------
    columns
        The columns, each with a full weight of its own (the final weight, not a factor).
    kind
        'JK1' (a cluster left out at a time), 'JKn' (the same within strata) or 'bootstrap'.
    scale
        What the sum of squares is multiplied by. By default (R - 1) / R for JK1, 1 for JKn and 1 / (R - 1) for the
        bootstrap, with R columns.
    factors
        A factor for each column, the `rscales` of R: needed for JKn, (n - 1) / n of its stratum; 1 otherwise.
    around_estimate
        Whether squares are taken around the estimate itself (`mse=TRUE` in R) or around the mean of the replicates.
    degrees_of_freedom
        By default R - 1; for JKn, R less the number of strata that the factors imply. Give clusters less strata where
        you know them and they are fewer, as with a bootstrap, or of a domain that few clusters have.

    Raises
    ------
    InputError
        Fewer than two columns, one named twice, an unknown kind, factors that are missing, too few or not above 0.

    Examples
    --------
    >>> Replicates(columns=["rep_1", "rep_2", "rep_3"], kind="JK1").scale
    0.6666666666666666

    References
    ----------
    Wolter (2007), Introduction to Variance Estimation, 2nd edition, chapters 3 to 5.
    """

    columns: tuple[str, ...]
    kind: str
    scale: float | None = None
    factors: tuple[float, ...] | None = None
    around_estimate: bool = False
    degrees_of_freedom: int | None = None

    def __post_init__(self) -> None:
        columns = _names("columns", self.columns)
        if len(columns) < 2:
            raise InputError(f"columns must name two replicate weights or more, not {len(columns)}")
        size = len(columns)
        usual = choice("kind", self.kind, {"JK1": (size - 1) / size, "JKn": 1.0, "bootstrap": 1 / (size - 1)})
        if self.kind == "JKn" and self.factors is None:
            raise InputError(
                "factors must be given for JKn: for each column (n - 1) / n, n the clusters of its stratum"
            )
        given = [1.0] * size if self.factors is None else self.factors
        factors = tuple(given) if isinstance(given, Iterable) else (given,)
        if len(factors) != size or not all(_is_positive(it) for it in factors):
            raise InputError(f"factors must be a number above 0 for each of the {size} columns, not {factors!r:.60}")
        scale = usual if self.scale is None else self.scale
        if not _is_positive(scale):
            raise InputError(f"scale must be a number above 0, not {scale!r}")
        if self.degrees_of_freedom is None:
            strata = round(sum(1 - it for it in factors)) if self.kind == "JKn" else 1
            object.__setattr__(self, "degrees_of_freedom", max(size - strata, 1))
        whole_number("degrees_of_freedom", self.degrees_of_freedom)
        for name, value in (("columns", columns), ("factors", factors), ("scale", float(scale))):
            object.__setattr__(self, name, value)


@dataclass(frozen=True, kw_only=True)
class Design:
    """How a sample was drawn, as names of columns.

    Parameters
    ----------
    strata
        The column of the stratum; there is one stratum when absent.
    clusters
        The column of the cluster, such as the school of a pupil; each row is its own when absent. For two stages a
        pair: the cluster, and the unit drawn within it, or None where the rows were drawn there.
    weights
        The column of the sampling weight: how many of the population a row stands for; 1 when absent.
    population
        The column with how many clusters (rows where there are no clusters) the stratum has in all, a size and not a
        rate; for two stages a pair, the second with how many units the cluster has. Without it, the sample counts as
        drawn from very many, and only the first stage matters.
    nested
        Whether clusters are numbered anew in each stratum (and units in each cluster). Otherwise a cluster that is met
        in two strata is refused, for it may be a mistake.
    lone_clusters
        What to do where only one cluster of a stratum was drawn, from several: 'error' (the default), 'adjust' (its
        total is taken as far from nothing as it is), 'average' (the mean variance of the other strata), 'certainty' or
        'remove' (no variance), as in R's `survey.lonely.psu`.
    known_totals
        Column -> code -> its total in the population. One column post-stratifies the weights, several rake them. A
        tuple of columns, with tuples of codes, stands for columns that are crossed.
    replicates
        Replicate weights, from which the variance is then taken; strata, clusters, population, known totals and lone
        clusters have no part in it, and are refused beside them.

    Raises
    ------
    InputError
        Names that are no texts, a column named twice, populations that do not match the stages, an unknown rule,
        totals that are not above 0, or replicates beside what they replace.

    Examples
    --------
    Schools drawn within regions, all pupils of each seen:

    >>> design = Design(strata="region", clusters="school", weights="weight", population="schools_in_region")
    >>> print(design)
    clusters by school, in strata by region, weighted by weight, of populations in schools_in_region

    Notes
    -----
    It says how chance entered. It cannot say that the plan was followed, nor who did not answer.

    References
    ----------
    Lumley (2010), Complex Surveys: A Guide to Analysis Using R; Särndal, Swensson and Wretman (1992), Model Assisted
    Survey Sampling, chapters 4, 7 and 9.
    """

    strata: str | None = None
    clusters: str | tuple[str | None, ...] | None = None
    weights: str | None = None
    population: str | tuple[str, ...] | None = None
    nested: bool = False
    lone_clusters: str = "error"
    known_totals: Mapping[str | Keys, Totals] = field(default_factory=dict, hash=False)
    replicates: Replicates | None = None

    def __post_init__(self) -> None:
        choice("lone_clusters", self.lone_clusters, LONE_RULES)
        for name in ("strata", "weights"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, str):
                raise InputError(f"{name} must be the name of a column, not {value!r:.60}")
        self._check_stages()
        object.__setattr__(self, "known_totals", _known_totals(self.known_totals))
        if self.replicates is not None:
            self._check_replicates()

    @property
    def stages(self) -> tuple[str | None, ...]:
        """The column of the unit at each stage whose chance counts; None where each row is one."""
        named = self.clusters if isinstance(self.clusters, tuple) else (self.clusters,)
        return named if self.population is not None else named[:1]

    @property
    def populations(self) -> tuple[str, ...]:
        """The column of the population at each stage; none where the sample counts as drawn from very many."""
        if self.population is None:
            return ()
        return self.population if isinstance(self.population, tuple) else (self.population,)

    @property
    def calibration_columns(self) -> tuple[str, ...]:
        """The columns with known totals, each once."""
        named = (name for key in self.known_totals for name in (key if isinstance(key, tuple) else (key,)))
        return tuple(dict.fromkeys(named))

    def columns(self) -> dict[str, str]:
        """What each column is for -> its name, for all columns that the design names."""
        roles = {"strata": self.strata, "weights": self.weights}
        roles |= {f"clusters {place}": name for place, name in enumerate(self.stages)}
        roles |= {f"population {place}": name for place, name in enumerate(self.populations)}
        roles |= {f"known_totals {place}": name for place, name in enumerate(self.calibration_columns)}
        if self.replicates:
            roles |= {f"replicates {place}": name for place, name in enumerate(self.replicates.columns)}
        return {role: name for role, name in roles.items() if name is not None}

    def __str__(self) -> str:
        units = [name or "rows" for name in self.stages]
        parts = [
            "rows drawn one by one" if units == ["rows"] else f"clusters by {' and within them by '.join(units)}",
            f"in strata by {self.strata}" if self.strata else "",
            f"weighted by {self.weights}" if self.weights else "",
            f"of populations in {' and '.join(self.populations)}" if self.populations else "",
            f"with known totals by {' and '.join(self.calibration_columns)}" if self.known_totals else "",
        ]
        if self.replicates:
            size = len(self.replicates.columns)
            parts = [f"{size} replicate weights ({self.replicates.kind})", *parts[2:3]]
        return ", ".join(part for part in parts if part)

    def _check_stages(self) -> None:
        if self.clusters is not None and not isinstance(self.clusters, str):
            pair = tuple(self.clusters) if isinstance(self.clusters, Iterable) else ()
            first = pair[:1]
            if len(pair) not in (1, 2) or not all(isinstance(it, str) for it in first) or not _is_name(pair[-1]):
                raise InputError(
                    f"clusters must be a column, or a pair of them for two stages, not {self.clusters!r:.60}"
                )
            object.__setattr__(self, "clusters", pair)
        if self.population is None:
            return
        if not isinstance(self.population, str):
            object.__setattr__(self, "population", _names("population", self.population))
        stages = len(self.clusters) if isinstance(self.clusters, tuple) else 1
        if len(self.populations) != stages:
            raise InputError(
                f"population must name a column for each stage of clusters: {stages}, not {len(self.populations)}; "
                "each holds how many there are in all, in the stratum and then in the cluster"
            )

    def _check_replicates(self) -> None:
        if not isinstance(self.replicates, Replicates):
            raise InputError(f"replicates must come from Replicates(...), not {self.replicates!r:.60}")
        beside = [name for name in ("strata", "clusters", "population") if getattr(self, name) is not None]
        beside += ["known_totals"] * bool(self.known_totals)
        beside += ["lone_clusters"] * (self.lone_clusters != "error") + ["nested"] * self.nested
        if beside:
            raise InputError(
                f"replicates carry the variance by themselves: leave out {' and '.join(beside)}, or replicates"
            )
        if self.weights is None:
            raise InputError("weights must name the full weight beside the replicate weights")


def _is_name(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_positive(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and isfinite(value) and float(value) > 0


def _names(argument: str, given: object) -> tuple[str, ...]:
    """Names of columns as a tuple, each once, or the error that says what is none."""
    names = (given,) if isinstance(given, str) else tuple(given) if isinstance(given, Iterable) else (given,)
    for name in names:
        if not isinstance(name, str):
            raise InputError(f"{argument} must be names of columns, and {name!r:.60} is none")
    if len(set(names)) < len(names):
        raise InputError(f"{argument} names a column twice: {', '.join(map(repr, names))}")
    return tuple(str(name) for name in names)


def _known_totals(given: object) -> Mapping[str | Keys, Totals]:
    if not isinstance(given, Mapping):
        raise InputError(f"known_totals must map a column to the total of each code, not {given!r:.60}")
    kept: dict[str | Keys, Totals] = {}
    for key, totals in given.items():
        columns = _names("known_totals", key)
        if not isinstance(totals, Mapping) or not totals:
            raise InputError(f"known_totals of {key!r} must map each code to its total, not {totals!r:.60}")
        for code, total in totals.items():
            if len(columns) > 1 and not (isinstance(code, tuple) and len(code) == len(columns)):
                raise InputError(
                    f"known_totals of {key!r} must have a tuple of {len(columns)} codes for each total, not {code!r}"
                )
            if not _is_positive(total):
                raise InputError(f"known_totals of {key!r} must be above 0, and {code!r} has {total!r}")
        kept[columns if len(columns) > 1 else columns[0]] = dict(totals)
    return kept
