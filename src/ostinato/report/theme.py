"""The colours of pictures and pages: one set for light surroundings and one for dark, safe for the colour-blind."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """Colours as CSS strings.

    Source: the two strong colours are Okabe and Ito's blue and vermilion ("Color Universal Design", 2008), lightened
        for dark surroundings.
    """

    paper: str
    ink: str
    faint: str
    grid: str
    first: str
    second: str
    third: str


LIGHT = Theme("#ffffff", "#1f2933", "#66727f", "#e4e7eb", "#0072b2", "#d55e00", "#009e73")
DARK = Theme("#161b22", "#e6edf3", "#8b98a5", "#2d333b", "#58a6e0", "#ff9147", "#3fc79a")
