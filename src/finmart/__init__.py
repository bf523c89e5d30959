"""finmart: the open platform behind a city's enterprise financial services supermarket."""
