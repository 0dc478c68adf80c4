"""Prints what the integrations of the test need beside Home Assistant itself, from the manifests it brings, one a line.

Home Assistant would install them at its start; a test that runs offline has them before.
"""

import json
import pathlib

import homeassistant

WANTED = ["mqtt", "recorder", "history", "energy", "automation", "frontend", "api", "websocket_api", "config", "http", "logger", "onboarding"]

components = pathlib.Path(homeassistant.__file__).parent / "components"
seen: set[str] = set()
needed: set[str] = set()
waiting = list(WANTED)
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
for requirement in sorted(needed):
    print(requirement)
