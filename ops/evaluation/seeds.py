"""The seeds that generated data is drawn by: nothing is chosen by looking at what a figure is reported on."""

RESOLUTION_TUNE = (1, 2, 3, 4, 5, 6, 7, 8)
"""The weights were fitted, and the rules chosen, on these."""

RESOLUTION_TEST = 2026
"""Nothing was chosen by looking at this one."""

CONFLICTS_TUNE = 1
"""The policy was written while looking at this world."""

CONFLICTS_TEST = 2026
"""Figures are reported on this one."""

RESUME_SUITE = 20261001

LAYOUT_SUITE = 20261129
