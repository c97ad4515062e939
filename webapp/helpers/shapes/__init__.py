"""The shapes of JSON answers, each defined once.

The functions that build an answer are annotated with its shape, so that mypy checks them. /openapi.json and the
columns of a CSV are generated from the shapes.
"""

from __future__ import annotations

from webapp.helpers.shapes.explanations import Change as Change
from webapp.helpers.shapes.explanations import Contribution as Contribution
from webapp.helpers.shapes.explanations import Curve as Curve
from webapp.helpers.shapes.explanations import Explanation as Explanation
from webapp.helpers.shapes.explanations import Explanations as Explanations
from webapp.helpers.shapes.explanations import Point as Point
from webapp.helpers.shapes.models import Input as Input
from webapp.helpers.shapes.models import ModelDescription as ModelDescription
from webapp.helpers.shapes.models import Models as Models
from webapp.helpers.shapes.models import ModelSummary as ModelSummary
from webapp.helpers.shapes.models import Output as Output
from webapp.helpers.shapes.models import SignatureDescription as SignatureDescription
from webapp.helpers.shapes.models import Threshold as Threshold
from webapp.helpers.shapes.models import UnservedModel as UnservedModel
from webapp.helpers.shapes.models import Usual as Usual
from webapp.helpers.shapes.models import Version as Version
from webapp.helpers.shapes.models import VersionDescription as VersionDescription
from webapp.helpers.shapes.models import VersionState as VersionState
from webapp.helpers.shapes.notices import Error as Error
from webapp.helpers.shapes.notices import Notice as Notice
from webapp.helpers.shapes.notices import Warnings as Warnings
from webapp.helpers.shapes.predictions import Answer as Answer
from webapp.helpers.shapes.predictions import Answers as Answers
from webapp.helpers.shapes.predictions import Export as Export
from webapp.helpers.shapes.predictions import ListedAnswer as ListedAnswer
from webapp.helpers.shapes.predictions import Page as Page
from webapp.helpers.shapes.predictions import Record as Record
from webapp.helpers.shapes.readiness import Readiness as Readiness
from webapp.helpers.shapes.readiness import SpoolStatus as SpoolStatus
from webapp.helpers.shapes.scalars import Count as Count
from webapp.helpers.shapes.scalars import Cursor as Cursor
from webapp.helpers.shapes.scalars import Id as Id
from webapp.helpers.shapes.scalars import Moment as Moment
from webapp.helpers.shapes.scalars import NullableMoment as NullableMoment
