"""Warnings about valid inputs."""
