"""What all tests share: hypothesis draws the same examples in every run, and no example is timed."""

from hypothesis import settings

settings.register_profile("deterministic", derandomize=True, deadline=None)
settings.load_profile("deterministic")

collect_ignore = ["second_solver.py"]  # a program: its solver cannot be loaded beside that of the package
