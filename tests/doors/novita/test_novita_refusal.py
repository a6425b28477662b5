"""What a "no" means: every form of error answer has one kind."""

from __future__ import annotations

import json

import pytest

from runner.novita import refusal


def envelope(status: int, reason: str, message: str = "words") -> refusal.Refusal:
    """The API's own form."""
    answer = {"code": status, "reason": reason, "message": message, "metadata": {}}
    return refusal.read(status, json.dumps(answer).encode())


@pytest.mark.parametrize(
    ("status", "reason", "kind"),
    [
        (401, "INVALID_API_KEY", "access"),
        (403, "INVALID_API_KEY", "access"),
        (400, "MISSING_API_KEY", "access"),
        (403, "NEED_REAL_NAME_VERIFY", "access"),
        (403, "SOMETHING_NEW", "access"),
        (400, "BILLING_BALANCE_NOT_ENOUGH", "access"),
        (402, "PAY_FIRST", "access"),
        (400, "ILLEGAL_PROMPT", "moderated"),
        (400, "ILLEGAL_IMAGE_CONTENT", "moderated"),
        (403, "CONTENT_POLICY_VIOLATION", "moderated"),
        (400, "DataInspectionFailed", "moderated"),
        (400, "InputTextSensitiveContentDetected", "moderated"),
        (429, "ILLEGAL_PROMPT", "moderated"),
        (429, "NOT_ENOUGH_BALANCE", "access"),
        (500, "ILLEGAL_PROMPT", "in-doubt"),
        (404, "API_NOT_FOUND", "rejected"),
        (400, "INVALID_REQUEST_BODY", "rejected"),
        (400, "IMAGE_FILE_EXCEEDS_MAX_SIZE", "rejected"),
        (429, "RATE_LIMIT_EXCEEDED", "rejected"),
        (500, "CREATE_TASK_FAILED", "in-doubt"),
        (500, "INVALID_API_KEY", "in-doubt"),
        (408, "TIMEOUT", "in-doubt"),
    ],
)
def test_the_kind_of_a_refused_submit(status: int, reason: str, kind: str) -> None:
    failure = refusal.of_submit(envelope(status, reason), "edit-1")
    assert failure.kind == kind
    assert reason in failure.message


@pytest.mark.parametrize(
    ("status", "answer", "kind", "words"),
    [
        (400, b'{"error": {"message": "bad size", "code": "invalid_size"}}', "rejected", "invalid_size: bad size"),
        (400, b'{"error": "bad size"}', "rejected", "bad size"),
        (400, b'{"error": {"message": "bad size", "code": 400}}', "rejected", "bad size"),
        (400, b"what?", "in-doubt", "what?"),
        (400, b"", "in-doubt", "HTTP 400"),
        (400, b"{}", "in-doubt", "HTTP 400"),
        (403, b"<html><head><title>Denied &amp; gone</title></head><body>x</body></html>", "access", "Denied & gone"),
        (404, b"404 page not found", "rejected", "retired model"),
        (413, b"<h1>Too large</h1>", "rejected", "Too large"),
        (502, b"<html><body><center>Bad gateway</center></body></html>", "in-doubt", "Bad gateway"),
        (302, b"", "in-doubt", "HTTP 302"),
        (500, b"\xff\xfe\x00" * 100_000, "in-doubt", "HTTP 500"),
    ],
)
def test_answers_in_other_forms(status: int, answer: bytes, kind: str, words: str) -> None:
    failure = refusal.of_submit(refusal.read(status, answer), "edit-1")
    assert failure.kind == kind
    assert words in failure.message
    assert len(failure.message) < 600


def test_moderation_comes_with_advice() -> None:
    failure = refusal.of_submit(envelope(400, "ILLEGAL_PROMPT"), "edit-1")
    assert failure.hint is not None
    assert "reword the prompt" in failure.hint


@pytest.mark.parametrize(
    ("reason", "message", "kind"),
    [
        ("BAD_REQUEST", "the prompt violates our content policy", "moderated"),
        ("", "NSFW content", "moderated"),
        ("INVALID_REQUEST_BODY", "nsfw_check must be a boolean", "rejected"),
        ("INVALID_PARAMETER", "the prompt `a sensitive portrait` is too long", "rejected"),
        ("INVALID_API_KEY", "no access to sensitive data", "access"),
    ],
)
def test_moderation_is_seen_in_the_message_where_the_reason_is_a_general_one(
    reason: str, message: str, kind: str
) -> None:
    assert refusal.of_submit(envelope(400, reason, message), "edit-1").kind == kind


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 429, 500, 503])
@pytest.mark.parametrize("answer", [b'{"task_id": "t7", "reason": "ILLEGAL_PROMPT"}', b'{"data": {"task_id": "t7"}}'])
def test_a_no_that_names_a_task_is_in_doubt_and_names_it(status: int, answer: bytes) -> None:
    failure = refusal.of_submit(refusal.read(status, answer), "edit-1")
    assert failure.kind == "in-doubt"
    assert "names task t7" in failure.message


def test_a_retired_model_is_named() -> None:
    failure = refusal.of_submit(envelope(404, "API_NOT_FOUND"), "edit-1")
    assert "unknown endpoint or retired model: edit-1" in failure.message


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("", "failed"),
        ("out of memory", "failed"),
        ("invalid safety_tolerance", "failed"),
        ("NSFW content found", "moderated"),
        ("Request Moderated", "moderated"),
        ("ILLEGAL_IMAGE_CONTENT", "moderated"),
        ("Content Moderated", "moderated"),
        ("illegal content in the prompt", "moderated"),
        ("OutputImageSensitiveContentDetected", "moderated"),
        ("input new_sensitive", "moderated"),
        ("data_inspection_failed", "moderated"),
        ("blocked by our safety system", "moderated"),
        ("the image was flagged as unsafe", "moderated"),
        ("content_filter", "moderated"),
        ("usage policy", "moderated"),
        ("policy violation", "moderated"),
        ("risk control", "moderated"),
        ("PROHIBITED_CONTENT", "moderated"),
        ("explicit content", "moderated"),
        ("提示词包含敏感词", "moderated"),
        ("图片违规", "moderated"),
        ("内容安全审核未通过", "moderated"),
        ("內容審核未通過", "moderated"),
        ("a moderate load made it fail", "failed"),
        ("case-sensitive name not found", "failed"),
        ("sensitive_check must be a boolean", "failed"),
        ("the content type is wrong", "failed"),
        ("thread safety", "failed"),
        ("worker rejected the job", "failed"),
        ("任务超时", "failed"),
    ],
)
def test_a_failed_task_is_failed_or_moderated_by_its_reason(reason: str, kind: str) -> None:
    assert refusal.of_task(reason).kind == kind


@pytest.mark.parametrize(
    ("status", "reason", "kind", "again"),
    [
        (500, "GET_RESULT_FAILED", "network", True),
        (503, "", "network", True),
        (429, "RATE_LIMIT_EXCEEDED", "network", True),
        (404, "TASK_NOT_FOUND", "lost", True),
        (404, "", "network", True),
        (404, "API_NOT_FOUND", "network", True),
        (404, "ILLEGAL_PROMPT", "network", True),
        (403, "ILLEGAL_PROMPT", "network", False),
        (400, "ILLEGAL_PROMPT", "moderated", False),
        (400, "MODEL_NOT_FOUND", "network", False),
        (403, "INVALID_API_KEY", "access", False),
        (500, "TASK_FAILED", "failed", False),
        (400, "INVALID_REQUEST_BODY", "network", False),
        (302, "", "network", False),
    ],
)
def test_a_refused_poll_says_whether_asking_again_may_help(status: int, reason: str, kind: str, again: bool) -> None:
    failure, may_help = refusal.of_poll(envelope(status, reason), "t1")
    assert (failure.kind, may_help) == (kind, again)
