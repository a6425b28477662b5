#!/usr/bin/env python3
"""The action of .github/actions/validate, with its scripts run as a runner would run them.

Inputs stand in the environment of bash, never in a script. A good recipe passes; a wrong one fails with an annotation
at its line, one out of order with a difference, and an input that looks like a script is taken for a file name.
Needs a package index.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".github" / "actions" / "validate"
ACTION = yaml.safe_load((FOLDER / "action.yml").read_text(encoding="utf-8"))
EXPRESSION = re.compile(r"\$\{\{ *inputs\.([a-z-]+) *\}\}")

GOOD = """\
recipe: 1

inputs:
  photo: {type: image}

model: flux-1-kontext-dev

steps:
  - name: warm
    prompt: Warm light.
"""


def run(step: dict[str, object], inputs: dict[str, str], folder: Path, path: str) -> subprocess.CompletedProcess[str]:
    """One step with a script, in the folder of the repository that uses the action."""
    script, env = str(step["run"]), step.get("env", {})
    assert "${{" not in script, f"an expression stands in the script of {step['name']}"
    assert isinstance(env, dict)
    defaults = {name: each["default"] for name, each in ACTION["inputs"].items()}
    filled = {name: EXPRESSION.sub(lambda found: (defaults | inputs)[found[1]], text) for name, text in env.items()}
    # HOME and LANG, and how to reach an index
    ours = ("HOME", "LANG", "PIP_", "SSL_", "REQUESTS_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
    kept = {name: value for name, value in os.environ.items() if name.upper().startswith(ours)}
    github = {"GITHUB_ACTIONS": "true", "GITHUB_ACTION_PATH": str(FOLDER), "GITHUB_WORKSPACE": str(folder)}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script],
        cwd=folder,
        env=kept | github | {"PATH": path} | filled,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def expect(told: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """See that a step ended so, and said so."""
    if told.returncode != code or any(word not in told.stdout for word in words):
        sys.exit(f"action: expected {code} and {words}, got {told.returncode}:\n{told.stdout}{told.stderr}")


with tempfile.TemporaryDirectory() as room:
    repository = Path(room) / "shop"
    (repository / "recipes").mkdir(parents=True)
    recipe = repository / "recipes" / "warm.yaml"
    subprocess.run([sys.executable, "-m", "venv", f"{room}/venv"], check=True)
    path = f"{room}/venv/bin:{os.environ['PATH']}"
    install, check = [step for step in ACTION["runs"]["steps"] if "run" in step]
    expect(run(install, {}, repository, path), 0)

    expect(run(check, {}, repository, path), 2, "::error::there is no recipe")
    recipe.write_text(GOOD, encoding="utf-8")
    expect(run(check, {}, repository, path), 0, "1 recipe checked")
    recipe.write_text(GOOD.replace("prompt:", "promt:"), encoding="utf-8")
    expect(run(check, {}, repository, path), 2, "::error file=recipes/warm.yaml,line=10,col=5")
    recipe.write_text(GOOD.replace("name: warm", "name:   warm"), encoding="utf-8")
    expect(
        run(check, {}, repository, path), 1, "-  - name:   warm\n+  - name: warm", "::error::some recipes are not in"
    )
    expect(run(check, {"in-order": "false"}, repository, path), 0, "1 recipe checked")
    hostile = {"recipes": "recipes/*.yaml\n$(touch pwned)\n`touch pwned`; touch pwned\n--help"}
    expect(run(check, hostile, repository, path), 2)
    if (repository / "pwned").exists():
        sys.exit("action: an input was run as a script")
sys.stdout.write("action: a good recipe passes, a wrong one is annotated, and no input is taken for a script\n")
