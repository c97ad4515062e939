"""Publication of a file that an administrator sends from the first page."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template, request

from webapp.controllers.http.context import principal, services
from webapp.controllers.http.upload import Upload, read_upload
from webapp.errors import BodyTooLarge, NameTaken, NotFound, NotPublishable, UploadNotStored
from webapp.helpers.accounts.roles import Role
from webapp.models.findings import findings

bp = Blueprint("uploads", __name__)


@bp.post("/uploads")
def publish() -> tuple[str, int]:
    """Publish the file that was sent, and show what was found in it, or why it can't be served."""
    if not current_app.config["UPLOADS"]:
        raise NotFound
    try:
        with read_upload(current_app.config["UPLOAD_FOLDER"], current_app.config["MAX_UPLOAD"]) as upload:
            return _publish(upload)
    except (BodyTooLarge, UploadNotStored) as error:
        return render_template("models/upload.html", problem=error.message, fields={}), error.status


@bp.post("/models/<name>/promote")
def promote(name: str) -> str:
    """Make a version the champion, in all workers."""
    if not current_app.config["UPLOADS"]:
        raise NotFound
    promoted = services().promoter.promote(name, request.form.get("version", ""), principal().name)
    return render_template("models/promoted.html", model=promoted)


def _publish(upload: Upload) -> tuple[str, int]:
    fields = upload.fields
    if not upload.file_name:
        return render_template("models/upload.html", problem="Choose a file.", fields=fields), 422
    try:
        published = services().publisher.add(
            upload.path,
            upload.file_name,
            principal().name,
            name=fields.get("name", "").strip(),
            may_follow="next" in fields,
        )
    except NotPublishable as error:
        is_taken = isinstance(error, NameTaken)
        page = render_template("models/upload.html", problem=error.message, is_taken=is_taken, fields=fields)
        return page, 409 if is_taken else 422
    lines = findings(published.report, published.signature)
    may_promote = principal().may(Role.ADMIN, published.name)
    page = render_template("models/upload.html", published=published, findings=lines, may_promote=may_promote)
    return page, 200
