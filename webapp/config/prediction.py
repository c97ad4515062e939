"""The settings of models and their predictions."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from webapp.config.field_types import HomePath, Names, NetworkFolder
from webapp.config.places import ROOT
from webapp.config.storage import StorageSettings


class PredictionSettings(StorageSettings):
    """Which models are served, in how many processes, and within which limits."""

    models_dir: NetworkFolder = Field(ROOT / "models", description="The folder with the files of the models.")
    first_model: HomePath | None = Field(
        None,
        description="A file that is published when the service starts, unless it was before. `make run MODEL=FILE` "
        "sets it, and opens its form.",
    )
    uploads: bool = Field(
        False,
        description="Whether administrators of all models can publish files on the first page. The models folder must "
        "be writable then.",
    )
    max_upload: int = Field(
        512 * 1024 * 1024, ge=1024, description="The maximum bytes of a file that is published on the first page."
    )
    trusted_types: Names = Field(
        (),
        description="Types and functions that Joblib files may use beyond the list of allowed types, such as "
        "`shop.features.Recency`, separated by commas. Their own code runs when they are loaded, and "
        "is part of what a model is: a version that was published with other code is refused.",
    )
    cells: str = Field(
        "",
        pattern=r"^\d{0,4}( ?unlocked)?$",
        description="How many calls of one model may be computed at the same time, each in a process of its own. "
        "Unset: as many as there are processors. With the word `unlocked`, alone or after the number, models also run "
        "where the kernel can't lock their processes, and a hostile file could do harm.",
    )
    max_cells: int = Field(
        8,
        ge=1,
        le=10_000,
        description="How many processes of models live at the same time, in each environment and without one. The one "
        "that was not needed for the longest time is ended for another, and started again when it is needed.",
    )
    redact: Names = Field(
        (),
        description="Inputs, of any model, whose values are not recorded, separated by commas. "
        "A card names those of its own model.",
    )
    default_model: str | None = Field(
        None,
        description="The model that `/invocations` and `/ping` use. Unset: the only one that is served.",
    )
    log_policy: Literal["spool", "required"] = Field(
        "spool",
        description="What happens while PostgreSQL can't be reached: `spool` keeps records in SPOOL_DIR until "
        "it is back, `required` answers 503.",
    )
    unready_after: int = Field(
        3600,
        ge=0,
        description="After how many seconds in which something is wrong, although predictions are made and recorded, "
        "`/readyz` answers 503, so that other hosts are asked. 0: never.",
    )
    max_batch_size: int = Field(
        64,
        ge=1,
        le=100_000,
        description="The maximum number of instances, from requests that arrive at the same time, that are predicted "
        "together. One request may contain 16 times as many.",
    )
    max_queue: int = Field(
        16384,
        ge=1,
        description="The maximum number of instances that may wait for one model in one worker; further requests are "
        "refused with 503 at once.",
    )
    request_timeout: float = Field(
        30.0, gt=0, le=3600, description="How many seconds a request waits for its model before it is answered 503."
    )
    max_content_length: int = Field(2 * 1024 * 1024, ge=1024, description="The maximum bytes of a request body.")
