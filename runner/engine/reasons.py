"""Why a step that was perhaps done before has to be paid now, in a few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from runner.changes import Asked, asked, changes
from runner.engine.foresight import Foreseen
from runner.plan import Plan
from runner.store.history import Place
from runner.store.store import Store

FIRST_TIME = "first time"
FORGOTTEN = "it was made before, but what it asked for then is not known any more"
GONE = "its picture is gone from the store"


def reasons(
    plan: Plan, foreseen: Sequence[Foreseen], store: Store, recipe: str, realm: str
) -> Mapping[str, tuple[str, ...]]:
    """The reasons of each step that is to be paid, by its name; at least one of each.

    `recipe` is what the recipe is called in its workspace, as runs remember its steps.
    """
    told: dict[str, tuple[str, ...]] = {}
    for each in foreseen:
        if each.outlook == "to pay":
            place = Place(recipe, plan.item.name, each.planned.name, realm)
            told[each.planned.name] = _since_then(each, place, store) or _never_there(plan, place, store)
    return told


def _since_then(each: Foreseen, place: Place, store: Store) -> tuple[str, ...]:
    """What has changed since the step was last done here; empty when nothing is known of it."""
    last = store.index.history.last(place)
    try:
        before = None if last is None else Asked.from_json(last)
    except (KeyError, TypeError, ValueError):  # an index may come from anywhere
        before = None
    if before is None:
        return (GONE,) if each.lost else ()
    found = changes(before, asked(each.planned, each.pixels))
    return (*found, GONE) if each.lost or not found else tuple(found)


def _never_there(plan: Plan, place: Place, store: Store) -> tuple[str, ...]:
    others = store.index.history.realms(place.recipe, place.item, place.step)
    if others:
        return (f"another provider: so far {' and '.join(map(_made_by, others))}",)
    calls = (entry.order for entry in store.journal.everything() if entry.state == "DONE")
    here = (plan.recipe.name, place.item, place.step)
    if any((order.recipe, order.item, order.step.split(" ")[0]) == here for order in calls):
        return (FORGOTTEN,)
    return (FIRST_TIME,)


def _made_by(realm: str) -> str:
    if realm == "rehearsal":
        return "only rehearsed"
    return "made by a paid host" if realm == "paid" else f"made by {realm.partition(':')[2]}"
