"""Prints what the checks need beside Home Assistant itself and is not installed, from the manifests it brings, one a line.

Home Assistant would install it at its start; a test that runs offline has it before.
"""

import importlib.metadata
import json
import pathlib

import homeassistant

WANTED = ["mqtt", "recorder", "history", "energy", "automation", "frontend", "api", "websocket_api", "config", "http", "logger", "onboarding"]
# The page asks for the descriptions of all actions, for which Home Assistant imports these whether they are used or not
# (helpers/service.py, _base_components); without them it stays at "Loading".
IMPORTED = ["ai_task", "assist_satellite", "camera", "media_player", "stream"]
# For voice, which nobody uses here: the versions asked for would be built with a C++ compiler, newer ones come built.
ANY_VERSION = ["pymicro-vad", "pyspeex-noise"]

components = pathlib.Path(homeassistant.__file__).parent / "components"
seen: set[str] = set()
needed: set[str] = set()
waiting = WANTED + IMPORTED
while waiting:
    domain = waiting.pop()
    manifest = components / domain / "manifest.json"
    if domain in seen or not manifest.exists():
        continue
    seen.add(domain)
    content = json.loads(manifest.read_text(encoding="utf-8"))
    needed.update(content.get("requirements", []))
    waiting += content.get("dependencies", [])
    if domain in WANTED:
        # Imported where they exist, needed or not: MQTT's form asks about Home Assistant's own broker.
        waiting += content.get("after_dependencies", [])


def is_installed(requirement: str) -> bool:
    name, _, version = requirement.partition("==")
    try:
        return importlib.metadata.version(name.partition("[")[0]) == version or name in ANY_VERSION
    except importlib.metadata.PackageNotFoundError:
        return False


for requirement in sorted(needed):
    if not is_installed(requirement):
        name = requirement.partition("==")[0]
        print(name if name in ANY_VERSION else requirement)
