from cases.statistics.standing import Standing, standing

__all__ = ["Standing", "standing"]
