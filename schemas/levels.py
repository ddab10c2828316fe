"""How severe a line of a log is. By itself, since commands ask for it before they load anything."""

from typing import Literal, get_args

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
LEVELS: tuple[LogLevel, ...] = get_args(LogLevel)
