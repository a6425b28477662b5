"""Builds every object from what is set: the only place that knows which class stands behind which seam.

Entry points of other packages are read here and nowhere else: `retouch.operations` name operations (a module or an
object with NAME, VERSION, PARAMS, IMAGES and apply), `retouch.providers` name functions `build(schemas, table)` that
give a Provider, with the model schemas by name and the provider's own table of `retouch.toml`. Such a function may have
an attribute `realm`, which is "paid" otherwise.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from runner import document, parsing, schema_files, settings
from runner import workspace as workspaces
from runner.errors import UsageError
from runner.novita import paths
from runner.operation import Catalogue, Model, Operation, Provider
from runner.operations import OPERATIONS
from runner.recipe import Recipe
from runner.schemagen.recipe_schema import recipe_schema
from runner.settings import Settings
from runner.validation import suggestion
from runner.workspace import Workspace

if TYPE_CHECKING:  # `validate` is to start fast, and runs nothing
    from importlib.metadata import EntryPoint

    from runner.clock import Clock
    from runner.records import Tariff
    from runner.store.store import Store

Schemas = Mapping[str, Mapping[str, Any]]

_IMAGES_PER_MINUTE = 10
"""What a paid host allows of each model where it publishes no number."""


@dataclass(frozen=True)
class House:
    """What every command works with."""

    workspace: Workspace
    settings: Settings
    schemas: Schemas
    """Request schemas by model name."""
    catalogue: Catalogue
    recipe_schema: Mapping[str, Any]

    @cached_property
    def prices(self) -> Mapping[str, Tariff]:
        """What a picture costs, by model."""
        return prices(self.settings)

    def recipe(self) -> Recipe:
        """The recipe of this house, checked. Raises InvalidRecipe."""
        place = self.workspace.recipe
        text = document.read(place, from_here(place), mend=True)
        return parsing.parse(text, self.workspace.recipe_name, self.recipe_schema, self.catalogue)

    def price(self, model: str) -> Tariff:
        """What a picture of a model costs. Raises UsageError when no price is known."""
        if model not in self.prices:
            hint = f"write it to retouch.toml, below [prices]: {model} = …  # US dollars a picture"
            raise UsageError(f"no price is known for {model}", hint=hint)
        return self.prices[model]


def house(recipe_file: Path) -> House:
    """Everything for one recipe file, which need not be valid yet. Raises UsageError."""
    return house_of(workspaces.find(recipe_file))


class Houses:
    """The houses of many recipes: those of one workspace share what is built for it."""

    def __init__(self, *, guests: bool) -> None:
        """With `guests`, operations and providers of other packages are looked for, which takes its time."""
        self._guests = guests
        self._known: dict[Path, House] = {}

    def of(self, recipe_file: Path) -> House:
        """As `house` above."""
        workspace = workspaces.find(recipe_file)
        if workspace.root not in self._known:
            self._known[workspace.root] = house_of(workspace, guests=self._guests)
        return replace(self._known[workspace.root], workspace=workspace)


def house_of(workspace: Workspace, *, guests: bool = True) -> House:
    """Everything for one workspace; without `guests`, what other packages bring is left out."""
    chosen = settings.load(workspace.settings_file, outside=_names("retouch.providers") if guests else ())
    schemas = model_schemas(workspace)
    operations = all_operations() if guests else OPERATIONS
    catalogue = Catalogue({name: model_of(name, schema) for name, schema in schemas.items()}, operations)
    shape = recipe_schema(schemas, {verb: each.PARAMS for verb, each in operations.items()})
    return House(workspace, chosen, schemas, catalogue, shape)


def has_guests() -> bool:
    """Whether another package brings operations or providers."""
    return any(_brought(group) for group in ("retouch.operations", "retouch.providers"))


def _brought(group: str) -> tuple[EntryPoint, ...]:
    """What other packages bring."""
    from importlib.metadata import entry_points  # takes as long to load as YAML's reader

    return tuple(entry_points(group=group))


def _names(group: str) -> tuple[str, ...]:
    return tuple(point.name for point in _brought(group))


def model_schemas(workspace: Workspace) -> Schemas:
    """Request schemas of all models a workspace knows."""
    folders = [workspace.models_folder]
    return schema_files.model_schemas(each for each in folders if each != schema_files.shipped("schemas", "models"))


def model_of(name: str, schema: Mapping[str, Any]) -> Model:
    """The model that a request schema describes. Raises UsageError when it names no endpoint that may be asked.

    Schemas are written by hand, too, and the key goes wherever the path leads.
    """
    about = schema["x-retouch"]
    path, method = about.get("path"), about.get("method")
    again = "make it again with `retouch schemas add`"
    if not isinstance(path, str):
        raise UsageError(f"{_file(name)} names no endpoint", hint=again)
    if why := paths.unfit(path):
        raise UsageError(f"{_file(name)} has an `x-retouch.path` that cannot be used: {why}", hint=again)
    if method not in {None, "POST"}:
        message = f"{_file(name)} wants to be asked with {method}, and models are asked with POST alone"
        raise UsageError(message, hint="it makes no pictures for a recipe: remove this file")
    return Model(name=name, title=about.get("title") or name, path=path, schema=schema)


def _file(model: str) -> str:
    return f"the schema schemas/models/{model}.json"


def all_operations() -> Mapping[str, Operation]:
    """The built-in operations and those of other packages, by verb."""
    found: dict[str, Operation] = dict(OPERATIONS)
    for point in _brought("retouch.operations"):
        operation: Operation = point.load()
        if operation.NAME in found:
            raise UsageError(f"two packages bring an operation called `{operation.NAME}`; uninstall one of them")
        found[operation.NAME] = operation
    return found


def provider(asked: str | None, built: House, store: Store, tell: Callable[[str], None]) -> tuple[Provider, str | None]:
    """The provider that serves this run, and a notice that must not be overlooked when it is the emulator."""
    name, why = settings.choose_provider(asked, built.settings)
    realm = realm_of(name, built)
    if name == "emulator":
        notice = (
            f"REHEARSAL: the built-in emulator paints labelled stand-ins, because {why}. Nothing leaves this machine."
        )
        return rehearsal(built.schemas), notice
    if name == "novita":
        return _novita(built.settings, realm, store, tell), None
    build = _outside_provider(name)
    made: Provider = build(built.schemas, built.settings.tables.get(name, {}))
    return made, None


def realm_of(name: str, built: House) -> str:
    """The realm that a provider's results belong to, without building it. Raises UsageError for an unknown name."""
    if name == "novita":
        from runner.novita import links

        url = built.settings.novita_url
        return f"loopback:{urlsplit(url).netloc}" if links.is_loopback(url) else "paid"
    if name == "emulator":
        return "rehearsal"
    realm: str = getattr(_outside_provider(name), "realm", "paid")
    return realm


def _outside_provider(name: str) -> Any:
    """The function of another package that builds this provider. Raises UsageError."""
    outside = {point.name: point for point in _brought("retouch.providers")}
    if name not in outside:
        raise UsageError(f"there is no provider `{name}`", hint=suggestion(name, [*settings.PROVIDERS, *outside]))
    return outside[name].load()


def rehearsal(schemas: Schemas) -> Provider:
    """The emulator in this process, asked by the very code that asks a paid host."""
    import random
    import time

    from runner.emulator.server import Options, create_app
    from runner.novita.client import in_process
    from runner.novita.provider import NovitaOptions, NovitaProvider

    app = create_app(schemas, options=Options(latency=0.0), clock=time.monotonic, draw=random.SystemRandom().random)
    options = NovitaOptions(base_url="http://127.0.0.1", key=settings.Secret("rehearsal"))
    return NovitaProvider(options, name="emulator", realm="rehearsal", clock=system_clock(), transport=in_process(app))


def _novita(chosen: Settings, realm: str, store: Store, tell: Callable[[str], None]) -> Provider:
    from runner.novita.provider import NovitaOptions, NovitaProvider

    key = settings.usable_key(chosen)
    options = NovitaOptions(base_url=chosen.novita_url, key=key, image_form=chosen.image_form)
    memory = store.index.durations(realm)
    return NovitaProvider(options, name="novita", realm=realm, clock=system_clock(), notice=tell, memory=memory)


def system_clock() -> Clock:
    """The time of this machine."""
    import asyncio
    import random
    import time

    from runner.clock import Clock

    return Clock(monotonic=time.monotonic, wall=time.time, sleep=asyncio.sleep, draw=random.random)


def prices(chosen: Settings) -> Mapping[str, Tariff]:
    """Prices of the catalogue, replaced where the workspace sets its own."""
    from runner.records import Tariff

    listed = schema_files.catalog()["models"]
    ours = {name: _listed(each) for name, each in listed.items() if "price" in each}
    return ours | {name: Tariff(price, "retouch.toml") for name, price in chosen.prices.items()}


def rate_limit(
    provider: Provider, chosen: Settings, listed: Mapping[str, Any] | None = None
) -> Callable[[str], int | None]:
    """Most pictures a minute of a model at a provider; None for as many as there are. `listed` are the models of a
    catalogue, by default of the one that is shipped.

    The workspace's own numbers go first, then the catalogue's; a host that names none is taken to allow 10. A server
    on this machine is only held back where the workspace says so, and a rehearsal never.
    """
    models = schema_files.catalog()["models"] if listed is None else listed
    all_models = chosen.novita_images_per_minute if provider.name == "novita" else None

    def limit(model: str) -> int | None:
        if provider.realm == "rehearsal":
            return None
        if model in chosen.images_per_minute:
            return chosen.images_per_minute[model]
        if all_models is not None or provider.realm != "paid":
            return all_models
        entry = models.get(model, {})
        ours = entry.get("provider") == provider.name
        return int(entry.get("images_per_minute", _IMAGES_PER_MINUTE)) if ours else _IMAGES_PER_MINUTE

    return limit


def _listed(entry: Mapping[str, Any]) -> Tariff:
    from runner.records import Tariff

    told = [str(entry[key]) if key == "source" else f"seen {entry[key]}" for key in ("source", "seen") if key in entry]
    return Tariff(float(entry["price"]), ", ".join(["schemas/catalog.yaml", *told]))


def from_here(place: Path) -> str:
    """A path as the user would write it from here: whole, where it lies far away."""
    try:
        shown = os.path.relpath(place)
    except ValueError:  # another drive
        return str(place)
    return str(place) if shown.startswith(f"..{os.sep}..{os.sep}..") else shown


def use_utf8() -> None:
    """Let the streams take any character: a run must not end because a terminal cannot show a letter."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
