"""Checks of the exercises: each names the likely mistake, not only that there is one."""

from unrolled.check.bptt_report import bptt
from unrolled.check.report import Diagnosis, Report

__all__ = ["Diagnosis", "Report", "bptt"]
