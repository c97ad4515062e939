"""Checks what an operator has to provide: the database, its tables and roles, the keys, the folders and the models."""

from __future__ import annotations

from webapp.services.doctor.doctor import Doctor as Doctor
from webapp.services.doctor.findings import Finding as Finding
