"""Files of other versions of scikit-learn: what they spell otherwise, what their state lacks, and which are trusted.

scikit-learn promises nothing for a file that another version wrote. So each class, with each of its settings, was
fitted under that version and asked there, and asked again here. What was compared and equal is in a table, which
the fixtures of the tests make; everything else is refused.
"""

from __future__ import annotations

from webapp.cell.migrations.origin import Origin, require_known
from webapp.cell.migrations.rules import NotMigratable

__all__ = ["NotMigratable", "Origin", "require_known"]
