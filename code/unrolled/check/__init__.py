"""Checks of the exercises: each names the likely mistake, not only that there is one."""

from unrolled.check.bptt_report import bptt
from unrolled.check.counting_spikes import counting_spikes
from unrolled.check.memory_span import memory_span
from unrolled.check.report import Diagnosis, Report

__all__ = ["Diagnosis", "Report", "bptt", "counting_spikes", "memory_span"]
