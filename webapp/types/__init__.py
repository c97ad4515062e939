"""The immutable values that the packages of webapp exchange."""

from __future__ import annotations

from webapp.types.features import FAR as FAR
from webapp.types.features import SAMPLE_SOURCE as SAMPLE_SOURCE
from webapp.types.features import DType as DType
from webapp.types.features import Feature as Feature
from webapp.types.features import InputType as InputType
from webapp.types.features import Instance as Instance
from webapp.types.features import Kept as Kept
from webapp.types.features import Kind as Kind
from webapp.types.features import Range as Range
from webapp.types.features import TypeSource as TypeSource
from webapp.types.features import Usual as Usual
from webapp.types.features import Value as Value
from webapp.types.predictions import Answer as Answer
from webapp.types.predictions import Channel as Channel
from webapp.types.predictions import Notice as Notice
from webapp.types.predictions import Prediction as Prediction
from webapp.types.predictions import Status as Status
from webapp.types.signature import Layout as Layout
from webapp.types.signature import Output as Output
from webapp.types.signature import Signature as Signature
from webapp.types.signature import Task as Task
from webapp.types.signature import Threshold as Threshold
from webapp.types.words import INSTALLED as INSTALLED
from webapp.types.words import Word as Word
