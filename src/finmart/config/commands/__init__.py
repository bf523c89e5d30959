"""The command ``finmart``: one module per subject, loaded when it is called."""

import importlib
import os
from typing import ClassVar

import click


class LazyCommands(click.Group):
    """Loads a command's module only when it is named, so that ``--help`` answers at once."""

    modules: ClassVar[dict[str, str]] = {
        "audit": "audit",
        "check": "check",
        "demo": "demo",
        "grades": "grades",
        "import": "import_",
        "keys": "keys",
        "ledger": "ledger",
        "manage": "manage",
        "migrate": "migrate",
        "quality": "quality",
        "profile": "profile",
        "risk": "risk",
        "serve": "serve",
        "simulate": "simulate",
        "standard": "standard",
        "tour": "tour",
        "work": "work",
    }

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in self.modules:
            return None
        module = importlib.import_module(f"finmart.config.commands.{self.modules[cmd_name]}")
        found = module.command
        if not isinstance(found, click.Command):
            raise TypeError(f"{module.__name__}.command is no click command")
        return found


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="finmart")
def main() -> None:
    """企业金融服务超市平台。每个命令都有 --help 和示例。"""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finmart.config.settings")
