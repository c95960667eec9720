"""Walls: what stands between a student's process and everything else."""
