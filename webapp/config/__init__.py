"""The settings: each variable is declared once, with its type and description. An invalid one stops the start."""

from __future__ import annotations

from webapp.config.places import ROOT as ROOT
from webapp.config.places import VERSION as VERSION
from webapp.config.settings import Settings as Settings
from webapp.config.variables import read_variable as read_variable
